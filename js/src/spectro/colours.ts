/**
 * Colour maps for levels, from quiet to loud: one that starts at a light page and one at a dark.
 *
 * Each goes through a few anchors on straight lines in OKLab, at an even pace, so that equal steps
 * in dB look equally large; lightness only ever falls (or rises), so that it reads without colour.
 * OKLab's numbers: B. Ottosson, "A perceptual color space for image processing", 2020.
 */

export const LENGTH = 256;

/** `LENGTH` colours, each the four bytes of an `ImageData` pixel in this machine's order. */
export type Palette = Uint32Array<ArrayBuffer>;

type Triple = readonly [number, number, number];

const ANCHORS = {
  light: ["#ffffff", "#d3e9e4", "#7fc3c1", "#2f87ab", "#334a94", "#1d1440"],
  dark: ["#12151b", "#33296b", "#87398f", "#d8576b", "#f8a65b", "#fdf7c8"],
} as const;

const palettes = new Map<"light" | "dark", Palette>();

/** The palette of a theme; made when first asked for. */
export function paletteOf(theme: "light" | "dark"): Palette {
  let palette = palettes.get(theme);
  if (palette === undefined) {
    palette = through(ANCHORS[theme].map(fromHex));
    palettes.set(theme, palette);
  }
  return palette;
}

/** An entry as CSS writes it, for the key beside a picture. */
export function cssOf(palette: Palette, entry: number): string {
  const [r = 0, g = 0, b = 0] = new Uint8Array(palette.buffer, 4 * entry, 3);
  return `rgb(${r} ${g} ${b})`;
}

function through(anchors: readonly Triple[]): Palette {
  const lengths = anchors.slice(1).map((to, i) => distance(anchors[i] as Triple, to));
  const total = lengths.reduce((sum, length) => sum + length, 0);
  const bytes = new Uint8ClampedArray(4 * LENGTH);
  let leg = 0;
  let before = 0;
  for (let i = 0; i < LENGTH; i++) {
    const gone = (i / (LENGTH - 1)) * total;
    while (leg < lengths.length - 1 && gone > before + (lengths[leg] as number)) {
      before += lengths[leg] as number;
      leg++;
    }
    const share = Math.min(1, (gone - before) / (lengths[leg] as number));
    const from = anchors[leg] as Triple;
    const to = anchors[leg + 1] as Triple;
    const mix = (k: 0 | 1 | 2) => from[k] + (to[k] - from[k]) * share;
    bytes.set([...toBytes([mix(0), mix(1), mix(2)]), 255], 4 * i);
  }
  return new Uint32Array(bytes.buffer);
}

function distance(a: Triple, b: Triple): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

function fromHex(hex: string): Triple {
  const value = Number.parseInt(hex.slice(1), 16);
  const r = linear((value >> 16) & 255);
  const g = linear((value >> 8) & 255);
  const b = linear(value & 255);
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

function toBytes([L, a, b]: Triple): number[] {
  const l = (L + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (L - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (L - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ].map(encoded);
}

/** sRGB's own curve, IEC 61966-2-1, from a byte and back to one. */
function linear(byte: number): number {
  const value = byte / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

function encoded(value: number): number {
  return 255 * (value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055);
}
