/** What the small readout says of the place that is pointed at. Pure; shown as text. */

import type { DrySpell } from "../listening";
import type { Spot } from "../spectro/spectrogram";
import { clockText } from "./text";

/** Quieter than this is as good as silence, in dB. */
const SILENCE_DB = -90;

/** 1.24 s, 1:02.4: to the hundredth as long as that is short. */
export function secondsText(seconds: number): string {
  return seconds < 60 ? `${seconds.toFixed(2)} s` : clockText(seconds, true);
}

/** 740 Hz, 1.32 kHz. */
export function frequencyText(frequency: number): string {
  const rounded = Math.round(frequency / 10) * 10;
  return rounded < 1000 ? `${rounded} Hz` : `${(rounded / 1000).toFixed(2)} kHz`;
}

/** −42 dBFS. */
export function levelText(db: number): string {
  if (!(db > SILENCE_DB)) return "silence";
  const whole = Math.round(db);
  return `${whole < 0 ? `−${-whole}` : whole} dBFS`;
}

/** `peak` from 0 to 1; null where nothing has come yet. */
export function waveReading(seconds: number, peak: number | null): string {
  const time = secondsText(seconds);
  return peak === null ? time : `${time} · ${levelText(20 * Math.log10(peak))}`;
}

export function spotReading(seconds: number, spot: Spot | null): string {
  const time = secondsText(seconds);
  if (spot === null) return time;
  return `${time} · ${frequencyText(spot.frequency)} · ${levelText(spot.level)}`;
}

export function dryReading(spell: DrySpell, now: number): string {
  const length = Math.max(0, (spell.to ?? now) - spell.from);
  const lasts = length < 1 ? `${Math.round(length * 1000)} ms` : `${length.toFixed(1)} s`;
  const silent = spell.to === null ? `silent for ${lasts} so far` : `silent for ${lasts}`;
  return `${secondsText(spell.at)} · ran dry, ${silent}`;
}

export interface ChunkSaid {
  readonly start: number;
  readonly duration: number;
  readonly received: number;
}

/** `since`: what `received` is counted from. */
export function chunkReading(number: number, chunk: ChunkSaid, since: "request" | "first"): string {
  const from = since === "request" ? "after the request" : "after the first";
  const length = `${Math.round(chunk.duration * 1000)} ms long`;
  return `chunk ${number} · ${length} · received ${chunk.received.toFixed(2)} s ${from}`;
}
