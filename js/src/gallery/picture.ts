/** A cell's picture: grey levels from the kernel in the colours of the page's theme. */

import { paletteOf } from "../spectro/colours";
import type { Theme } from "../view/theme";

/** Paint `png` into `canvas`; what is returned paints it anew in another theme. */
export async function paint(
  canvas: HTMLCanvasElement,
  png: Uint8Array<ArrayBuffer>,
  theme: () => Theme,
): Promise<() => void> {
  // Not by an address: some hosts refuse those of blobs.
  const image = await createImageBitmap(new Blob([png], { type: "image/png" }), {
    colorSpaceConversion: "none",
    premultiplyAlpha: "none",
  });
  const { width, height } = image;
  canvas.width = width;
  canvas.height = height;
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  if (pen === null) return () => {};
  pen.drawImage(image, 0, 0);
  image.close();
  const levels = pen.getImageData(0, 0, width, height).data.filter((_, i) => i % 4 === 0);
  const colour = () => {
    const palette = paletteOf(theme());
    const pixels = Uint32Array.from(levels, (level) => palette[level] ?? 0);
    const bytes = new Uint8ClampedArray(pixels.buffer);
    pen.putImageData(new ImageData(bytes, width, height), 0, 0);
  };
  colour();
  return colour;
}
