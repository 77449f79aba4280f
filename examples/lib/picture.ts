import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { Resvg } from "@resvg/resvg-js";
import { formatHex, interpolate } from "culori";
import { writeDurably } from "tensorgrad/runtime/node";

const require = createRequire(import.meta.url);
const font = (weight: string) => require.resolve(`dejavu-fonts-ttf/ttf/DejaVuSans${weight}.ttf`);

/** Pixels of a PNG per pixel of the drawing: sharp on a dense screen and on paper. */
const SCALE = 2;

/** Writes a drawing twice, as `<path>.svg` and as `<path>.png`, and returns both names. */
export async function savePicture(path: string, svg: string): Promise<string[]> {
  mkdirSync(dirname(path), { recursive: true });
  await writeDurably(`${path}.svg`, svg);
  await writeDurably(`${path}.png`, png(svg));
  return [`${path}.svg`, `${path}.png`];
}

/** The drawing as a PNG on white. Its letters come with this package, so that it looks the same on every machine. */
export function png(svg: string): Buffer {
  const resvg = new Resvg(standalone(svg), {
    background: "white",
    fitTo: { mode: "zoom", value: SCALE },
    font: { fontFiles: [font(""), font("-Bold")], loadSystemFonts: false, defaultFontFamily: "DejaVu Sans" },
  });
  return Buffer.from(resvg.render().asPng());
}

/**
 * The drawing without CSS that only browsers know: variables become their fallbacks, `color-mix` the mixed colour. The
 * innermost is replaced first, until nothing is left.
 */
export function standalone(svg: string): string {
  const variable = /var\(--[\w-]+, ?([^()]+)\)/g;
  const mixture = /color-mix\(in oklab, ?([^(),]+?) ([\d.]+)%, ?([^(),]+)\)/g;
  for (let before = ""; before !== svg; ) {
    before = svg;
    svg = svg
      .replace(variable, "$1")
      .replace(mixture, (_, over: string, share: string, under: string) =>
        formatHex(interpolate([under.trim(), over.trim()], "oklab")(Number(share) / 100)),
      );
  }
  return svg;
}
