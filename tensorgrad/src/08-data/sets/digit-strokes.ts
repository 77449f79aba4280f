/**
 * How the ten digits are written: each in a few ways, each way as pen strokes. Coordinates are hundredths of half
 * the digit's height: x to the right, y down, a digit reaches from −100 to 100 in y and about −60 to 60 in x.
 */
export interface Stroke {
  /** Rounded strokes run through their points on a smooth curve, others in straight lines. */
  readonly round: boolean;
  /** x0, y0, x1, y1, … */
  readonly points: readonly number[];
}

const curve = (...points: number[]): Stroke => ({ round: true, points });
const line = (...points: number[]): Stroke => ({ round: false, points });

/** `handwriting[digit]` lists the ways of writing it. */
export const handwriting: readonly (readonly (readonly Stroke[])[])[] = [
  [
    [curve(0, -100, -48, -62, -58, 0, -46, 68, 0, 100, 48, 65, 58, 0, 46, -68, 0, -100)],
    [curve(22, -92, -32, -80, -56, -5, -40, 72, 5, 100, 50, 58, 54, -20, 34, -82, -8, -96)],
  ],
  [
    [line(0, -100, 0, 100)],
    [line(-36, -58, 4, -100, 4, 100)],
    [line(-34, -62, 0, -100, 0, 100), line(-42, 100, 42, 100)],
  ],
  [
    [curve(-50, -55, -28, -92, 12, -100, 48, -68, 38, -18, 0, 32, -55, 95), line(-55, 95, 58, 92)],
    [curve(-48, -60, -8, -100, 42, -72, 34, -15, -8, 50, -44, 92, -56, 66, -24, 60, 12, 86, 62, 80)],
  ],
  [
    [curve(-48, -75, -5, -100, 42, -72, 32, -25, -12, -6), curve(-12, -6, 40, 12, 52, 55, 14, 98, -52, 80)],
    [line(-45, -97, 44, -97, -6, -22), curve(-6, -22, 44, 2, 50, 60, 5, 100, -52, 78)],
  ],
  [
    [line(-26, -96, -50, 16, 56, 10), line(28, -45, 20, 100)],
    [line(28, 100, 30, -98, -56, 32, 60, 30)],
    [curve(-44, -96, -50, -40, -38, 0, 8, 4, 42, -12), line(44, -98, 36, 100)],
  ],
  [
    [line(48, -97, -34, -97, -42, -14), curve(-42, -14, 6, -30, 52, 10, 45, 70, 0, 100, -50, 80)],
    [curve(-36, -92, -40, -40, -38, -8, 10, -22, 48, 18, 34, 80, -8, 100, -48, 78), line(-36, -94, 48, -98)],
  ],
  [
    [curve(36, -96, -16, -70, -50, 0, -46, 66, -4, 100, 44, 76, 46, 28, 8, 4, -34, 24, -47, 58)],
    [curve(2, -100, -36, -40, -44, 30, -30, 86, 12, 98, 44, 62, 26, 14, -16, 18, -40, 50)],
  ],
  [
    [line(-50, -92, 52, -92, -12, 100)],
    [line(-52, -90, 50, -94, -8, 100), line(-30, 4, 40, -2)],
    [line(-50, -64, -46, -94, 48, -90), curve(48, -90, 22, -30, -2, 30, -10, 100)],
  ],
  [
    [curve(42, -72, 4, -100, -40, -72, -24, -26, 26, 16, 48, 62, 0, 100, -48, 60, -26, 12, 28, -30, 42, -72)],
    [
      curve(0, -100, -38, -76, -36, -34, 0, -10, 36, -34, 38, -76, 0, -100),
      curve(0, -10, -46, 18, -48, 72, 0, 100, 48, 72, 46, 18, 0, -10),
    ],
  ],
  [
    [curve(44, -58, 10, -100, -38, -80, -42, -30, -4, -4, 36, -30, 44, -62, 44, 0, 26, 100)],
    [curve(40, -80, -4, -100, -42, -66, -34, -16, 8, -8, 40, -48), line(42, -94, 38, 100)],
    [curve(40, -62, 4, -100, -40, -66, -16, -10, 30, -26, 42, -70, 46, 10, 20, 84, -38, 90)],
  ],
];

/** Points per interval of a rounded stroke: a step is then about a pixel of the finished image. */
const STEPS = 6;

/**
 * The stroke as a chain of points close to each other.
 *
 * Rounded strokes are Catmull–Rom splines: they pass through every point with the slope of its two neighbours.
 */
export function outline({ round, points }: Stroke): readonly number[] {
  if (!round) return points;
  const chain = points.slice(0, 2);
  const at = (i: number, axis: number): number =>
    points[2 * Math.min(Math.max(i, 0), points.length / 2 - 1) + axis];
  for (let i = 0; i + 1 < points.length / 2; i++) {
    for (let step = 1; step <= STEPS; step++) {
      const t = step / STEPS;
      for (const axis of [0, 1])
        chain.push(spline(at(i - 1, axis), at(i, axis), at(i + 1, axis), at(i + 2, axis), t));
    }
  }
  return chain;
}

/** Catmull–Rom between b (t = 0) and c (t = 1). */
function spline(a: number, b: number, c: number, d: number, t: number): number {
  return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
}
