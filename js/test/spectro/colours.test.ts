import { describe, expect, it } from "vitest";
import { cssOf, LENGTH, type Palette, paletteOf } from "../../src/spectro/colours";

type Rgb = readonly [number, number, number];

function rgb(palette: Palette): Rgb[] {
  const bytes = new Uint8Array(palette.buffer);
  return Array.from(palette, (_, i) => [...bytes.subarray(4 * i, 4 * i + 3)] as unknown as Rgb);
}

const linear = (byte: number) =>
  byte / 255 <= 0.04045 ? byte / 255 / 12.92 : ((byte / 255 + 0.055) / 1.055) ** 2.4;

/** CIE 1931 XYZ relative to D65, and CIELAB 1976 of it: another yardstick than the map's own. */
function lab(colour: Rgb): Rgb {
  const [r, g, b] = colour.map(linear) as unknown as Rgb;
  const f = (t: number) => (t > 216 / 24389 ? Math.cbrt(t) : (24389 / 27) * (t / 116) + 16 / 116);
  const x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505);
  const y = f(0.2126 * r + 0.7152 * g + 0.0722 * b);
  const z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

const luminance = ([r, g, b]: Rgb) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);

describe.each([
  ["light", -1],
  ["dark", 1],
] as const)("the colours for a %s page", (theme, way) => {
  const colours = rgb(paletteOf(theme));

  it("are opaque, and the same each time", () => {
    expect(colours).toHaveLength(LENGTH);
    const bytes = new Uint8Array(paletteOf(theme).buffer);
    expect(bytes.filter((_, i) => i % 4 === 3).every((alpha) => alpha === 255)).toBe(true);
    expect(paletteOf(theme)).toBe(paletteOf(theme));
  });

  it("change in lightness one way only, from the page's own", () => {
    const lightness = colours.map((colour) => lab(colour)[0]);
    for (let i = 1; i < LENGTH; i++) {
      // A byte is the least that can differ: a step may round to none, never back.
      expect(way * ((lightness[i] ?? 0) - (lightness[i - 1] ?? 0)), `entry ${i}`).toBeGreaterThan(
        -0.05,
      );
      if (i >= 4)
        expect(way * ((lightness[i] ?? 0) - (lightness[i - 4] ?? 0))).toBeGreaterThan(0.2);
    }
    expect(lightness[0]).toSatisfy((first: number) => (way > 0 ? first < 10 : first > 98));
  });

  it("are equally far apart for equal steps", () => {
    const far = (a: Rgb, b: Rgb) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
    const steps: number[] = [];
    for (let i = 17; i < LENGTH; i += 17) {
      steps.push(far(lab(colours[i] as Rgb), lab(colours[i - 17] as Rgb)));
    }
    // CIELAB judges blue otherwise than OKLab does.
    expect(Math.max(...steps) / Math.min(...steps)).toBeLessThan(3);
  });

  it("tell loud from quiet by far", () => {
    const [first, last] = [colours[0] as Rgb, colours[LENGTH - 1] as Rgb].map(luminance).sort();
    expect(((last ?? 0) + 0.05) / ((first ?? 0) + 0.05)).toBeGreaterThan(12);
  });
});

it("an entry can be had for CSS", () => {
  expect(cssOf(paletteOf("light"), 0)).toBe("rgb(255 255 255)");
  expect(cssOf(paletteOf("dark"), 0)).toBe("rgb(18 21 27)");
  expect(cssOf(paletteOf("dark"), LENGTH - 1)).toBe("rgb(253 247 200)");
});
