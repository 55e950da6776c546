/** The way between the tabs of one browser that show one Speaker, and what a person does in this one. */

import type { TabMessage } from "./tabs";

/** Where there is none, every tab is alone. */
export interface Channel {
  post(message: TabMessage): void;
}

/** Seconds since 1970: a clock that tabs share. */
export function wallClock(): number {
  return Date.now() / 1000;
}

export interface ChannelEvents {
  received(message: TabMessage): void;
  /** A person did something in this tab or turned to it. */
  used(): void;
  /** The tab was shown or hidden. */
  seen(): void;
  /** The page is being left; it may come back. */
  leaving(): void;
  back(): void;
}

/** Open the channel of one Speaker until `signal` is aborted. */
export function openChannel(speaker: string, events: ChannelEvents, signal: AbortSignal): Channel {
  const channel = broadcast(`cartesia_nb/${speaker}`);
  if (channel === null) return { post: () => {} };
  let open = true;
  channel.onmessage = ({ data }: MessageEvent<unknown>) => {
    const message = readTabMessage(data);
    if (message !== null) events.received(message);
  };
  // In the capture phase, before any host can keep the event to itself.
  const options = { capture: true, passive: true, signal };
  for (const name of ["pointerdown", "keydown", "focus"]) {
    globalThis.addEventListener?.(name, () => events.used(), options);
  }
  globalThis.document?.addEventListener("visibilitychange", () => events.seen(), options);
  globalThis.addEventListener?.("pagehide", () => events.leaving(), options);
  globalThis.addEventListener?.("pageshow", () => events.back(), options);
  signal.addEventListener("abort", () => {
    events.leaving();
    open = false;
    channel.close();
  });
  return {
    post: (message) => {
      if (open) channel.postMessage(message);
    },
  };
}

function broadcast(name: string): BroadcastChannel | null {
  try {
    const channel = new BroadcastChannel(name);
    // Node's, in a test: not to keep the process.
    (channel as { unref?: () => void }).unref?.();
    return channel;
  } catch {
    return null;
  }
}

/** A message of another tab, or null: an older or newer version of this code may run there. */
export function readTabMessage(data: unknown): TabMessage | null {
  if (typeof data !== "object" || data === null) return null;
  const {
    type,
    page,
    take,
    person,
    at,
    seconds,
    asks,
    begun,
    born,
    used,
    visible,
    blocked,
    holds,
  } = data as Readonly<Record<string, unknown>>;
  if (typeof page !== "string") return null;
  if (type === "left") return { type, page };
  if (type === "here") {
    if (!isTexts(holds) || !isTexts(begun) || !isNumber(born) || !isNumber(used)) return null;
    return {
      type,
      page,
      asks: asks === true,
      begun,
      born,
      used,
      visible: visible === true,
      blocked: blocked === true,
      holds,
    };
  }
  if (typeof take !== "string") return null;
  if (type === "stopped") return { type, page, take };
  if (type === "stood" && isNumber(seconds)) return { type, page, take, seconds };
  if (type === "took" && isNumber(at)) return { type, page, take, person: person === true, at };
  return null;
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}
