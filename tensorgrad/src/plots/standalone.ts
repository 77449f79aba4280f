import { expectArgument } from "../00-runtime/index.ts";
import { literal } from "./theme.ts";

/**
 * A drawing for a file of its own: every colour as a literal, on an opaque ground. It looks the same on light and dark pages, and in
 * programs that know neither variables nor mixtures of colours, such as librsvg.
 *
 *   writeFileSync("loss.svg", standalone(lineChart(series, options)));
 */
export function standalone(svg: string): string {
  expectArgument(
    typeof svg === "string" && svg.includes("<svg"),
    "standalone",
    "svg",
    svg,
    "the text of an SVG",
  );
  const plain = svg
    .replace(/var\(--[\w-]+, ?([^()]+)\)/g, "$1")
    .replace(/color-mix\(in oklab, (#[0-9a-f]{6}) (\d+)%, (#[0-9a-f]{6})\)/g, (_, over, share, under) =>
      mixed(over, under, Number(share) / 100),
    )
    .replaceAll("currentColor", literal("muted"));
  const [, x, y, width, height] = /viewBox="(\S+) (\S+) (\S+) (\S+)"/.exec(plain) ?? [];
  if (width === undefined) return plain;
  const ground = `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="${literal("paper")}"></rect>`;
  return plain.includes(ground)
    ? plain
    : plain.replace(/<svg[^>]*>(\s*<style>[\s\S]*?<\/style>)?/, (head) => head + ground);
}

/** As CSS mixes in Oklab. Source: Ottosson 2020, A perceptual color space for image processing. */
function mixed(over: string, under: string, share: number): string {
  const [a, b] = [oklab(over), oklab(under)];
  return hex(a.map((value, i) => share * value + (1 - share) * b[i]));
}

const TO_LMS = [
  [0.4122214708, 0.5363325363, 0.0514459929],
  [0.2119034982, 0.6806995451, 0.1073969566],
  [0.0883024619, 0.2817188376, 0.6299787005],
];
const TO_LAB = [
  [0.2104542553, 0.793617785, -0.0040720468],
  [1.9779984951, -2.428592205, 0.4505937099],
  [0.0259040371, 0.7827717662, -0.808675766],
];
const FROM_LAB = [
  [1, 0.3963377774, 0.2158037573],
  [1, -0.1055613458, -0.0638541728],
  [1, -0.0894841775, -1.291485548],
];
const FROM_LMS = [
  [4.0767416621, -3.3077115913, 0.2309699292],
  [-1.2684380046, 2.6097574011, -0.3413193965],
  [-0.0041960863, -0.7034186147, 1.707614701],
];

const times = (matrix: readonly (readonly number[])[], v: readonly number[]): number[] =>
  matrix.map((row) => row.reduce((sum, m, i) => sum + m * v[i], 0));

function oklab(color: string): number[] {
  const linear = [1, 3, 5].map((at) => {
    const c = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return times(TO_LAB, times(TO_LMS, linear).map(Math.cbrt));
}

function hex(lab: readonly number[]): string {
  const linear = times(
    FROM_LMS,
    times(FROM_LAB, lab).map((x) => x ** 3),
  );
  const bytes = linear.map((c) => {
    const s = c <= 0.0031308 ? 12.92 * c : 1.055 * c ** (1 / 2.4) - 0.055;
    return Math.round(255 * Math.min(1, Math.max(0, s)));
  });
  return `#${bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
