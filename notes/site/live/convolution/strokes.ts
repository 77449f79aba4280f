import { clamp, whole } from "../lib/limits.ts";
import { SIDE } from "./work.ts";

/** Lines that were drawn, and the image of 28×28 that they make. Pure arithmetic: the same in a page and in a test. */

/** From 0 to 99, from the top left. */
export type Point = readonly [x: number, y: number];
export type Stroke = readonly Point[];

export const EDGE = 99;
const MOST_POINTS = 400;
/** A two, for a page that nobody has drawn on. */
export const FIRST_INK = "3030372247185720652866386049505940693179427954797078";

/** `30203045-5020…`: four figures a point, a dash between strokes. What comes after the first other sign is not read. */
export function readStrokes(text: string): Stroke[] {
  const strokes: Point[][] = [];
  let points = 0;
  for (const stroke of (/^[\d-]*/.exec(text)?.[0] ?? "").split("-")) {
    const list = [...stroke.matchAll(/(\d\d)(\d\d)/g)].map(([, x, y]): Point => [Number(x), Number(y)]);
    const kept = list.slice(0, MOST_POINTS - points);
    points += kept.length;
    if (kept.length > 0) strokes.push(kept);
  }
  return strokes;
}

export const writeStrokes = (strokes: readonly Stroke[]): string =>
  strokes.map((stroke) => stroke.map((point) => point.map(twoFigures).join("")).join("")).join("-");

const twoFigures = (x: number): string => String(whole(x, 0, EDGE)).padStart(2, "0");

/** Whether there is room for another point. */
export const hasRoom = (strokes: readonly Stroke[]): boolean =>
  strokes.reduce((sum, { length }) => sum + length, 0) < MOST_POINTS;

/** MNIST's digits fill 20 pixels of 28, and their centre of mass is the middle; a pen is about 2½ pixels wide. */
const [BOX, PEN] = [20, 1.25];
/** Ink that is smaller than this is not magnified to the whole box. */
const LEAST_SIZE = 30;

/** The image of the strokes, as the images were made that the network has learned from; null without ink. */
export function pixelsOf(strokes: readonly Stroke[]): Float32Array | null {
  const points = strokes.flat();
  if (points.length === 0) return null;
  const range = (d: 0 | 1) => {
    const values = points.map((point) => point[d]);
    return [Math.min(...values), Math.max(...values)];
  };
  const [[left, right], [top, bottom]] = [range(0), range(1)];
  const scale = (BOX - 2 * PEN) / Math.max(right - left, bottom - top, LEAST_SIZE);
  const placed = strokes.map((stroke) =>
    stroke.map(
      ([x, y]): Point => [
        (x - (left + right) / 2) * scale + SIDE / 2,
        (y - (top + bottom) / 2) * scale + SIDE / 2,
      ],
    ),
  );
  const [x, y] = centreOf(inked(placed));
  return inked(placed.map((stroke) => stroke.map((p): Point => [p[0] + SIDE / 2 - x, p[1] + SIDE / 2 - y])));
}

/** Each pixel is as dark as the pen covers it, nearly: a border of one pixel is grey. */
function inked(strokes: readonly Stroke[]): Float32Array {
  const segments = strokes.flatMap((stroke) =>
    stroke.map((point, i) => [stroke[Math.max(0, i - 1)], point] as const),
  );
  return Float32Array.from({ length: SIDE * SIDE }, (_, i) => {
    const pixel: Point = [(i % SIDE) + 0.5, Math.floor(i / SIDE) + 0.5];
    const nearest = segments.reduce((least, [a, b]) => Math.min(least, distance(pixel, a, b)), SIDE);
    return clamp(PEN + 0.5 - nearest, 0, 1);
  });
}

/** From a point to the nearest of a segment. */
function distance([x, y]: Point, [ax, ay]: Point, [bx, by]: Point): number {
  const [dx, dy] = [bx - ax, by - ay];
  const length = dx * dx + dy * dy;
  const t = length === 0 ? 0 : clamp(((x - ax) * dx + (y - ay) * dy) / length, 0, 1);
  return Math.hypot(x - ax - t * dx, y - ay - t * dy);
}

function centreOf(pixels: Float32Array): Point {
  let [sum, x, y] = [0, 0, 0];
  for (const [i, ink] of pixels.entries()) {
    sum += ink;
    x += ink * ((i % SIDE) + 0.5);
    y += ink * (Math.floor(i / SIDE) + 0.5);
  }
  return [x / sum, y / sum];
}
