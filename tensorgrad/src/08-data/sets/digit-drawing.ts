import type { Random } from "../../00-runtime/index.ts";
import { handwriting, outline } from "./digit-strokes.ts";

/** Side of an image in pixels, as in MNIST. */
export const SIDE = 28;

/** Spread of the handwriting. Larger means harder: these leave a linear model clearly behind an MLP. */
const WOBBLE = 5; // normal deviation of every point of a stroke, in hundredths of half the height
const SLANT = 0.22; // normal deviation of the shear
const TURN = 0.18; // normal deviation of the rotation, in radians
const SHIFT = 2; // largest shift of the centre, in pixels
const HEIGHT = { least: 7.4, most: 10.2 }; // half the height, in pixels
const WIDTH = { least: 0.75, most: 1.2 }; // stretch of the width
const PEN = { least: 0.75, most: 1.75 }; // half the pen's width, in pixels
const GRAIN = { least: 0, most: 48 }; // largest noise on a pixel, of 255

/** A random affine map from a digit's coordinates to pixels: X = xx·x + xy·y + dx, Y = yx·x + yy·y + dy. */
interface Placement {
  readonly xx: number;
  readonly xy: number;
  readonly yx: number;
  readonly yy: number;
  readonly dx: number;
  readonly dy: number;
}

/**
 * Draws a digit into `pixels` as somebody might write it: one of the ways there are, every point a little off,
 * slanted, turned, stretched, shifted, with a thin or a broad pen, on grainy paper.
 *
 * Shapes  pixels [28 · 28], row-major, 0 = paper, 255 = ink
 */
export function drawDigit(digit: number, pixels: Uint8Array, random: Random): void {
  const ways = handwriting[digit];
  const place = placement(random);
  const pen = between(PEN, random);
  const grain = between(GRAIN, random);
  const ink = new Float32Array(SIDE * SIDE);
  for (const stroke of ways[random.integer(ways.length)]) {
    const points = stroke.points.map((at) => at + WOBBLE * random.normal());
    const chain = outline({ round: stroke.round, points });
    let [x0, y0] = map(place, chain[0], chain[1]);
    for (let i = 2; i < chain.length; i += 2) {
      const [x1, y1] = map(place, chain[i], chain[i + 1]);
      drawSegment(ink, x0, y0, x1, y1, pen);
      [x0, y0] = [x1, y1];
    }
  }
  for (let i = 0; i < pixels.length; i++) {
    const noise = grain * (random.bits() / 2 ** 31 - 1);
    pixels[i] = Math.min(255, Math.max(0, Math.round(255 * ink[i] + noise))); // a Uint8Array would wrap around
  }
}

function placement(random: Random): Placement {
  const height = between(HEIGHT, random) / 100;
  const width = height * between(WIDTH, random);
  const angle = TURN * random.normal();
  const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
  const slant = SLANT * random.normal();
  const middle = (SIDE - 1) / 2;
  // Stretch by (width, height), shear x by −slant · y, then turn by the angle.
  return {
    xx: width * cos,
    xy: -height * (slant * cos + sin),
    yx: width * sin,
    yy: height * (cos - slant * sin),
    dx: middle + between({ least: -SHIFT, most: SHIFT }, random),
    dy: middle + between({ least: -SHIFT, most: SHIFT }, random),
  };
}

const map = (p: Placement, x: number, y: number): [number, number] => [
  p.xx * x + p.xy * y + p.dx,
  p.yx * x + p.yy * y + p.dy,
];

/**
 * Inks the pixels within `pen` of a segment. The edge is one pixel wide: a pixel half a pixel beyond it stays paper,
 * half a pixel inside is full ink, which is what smooths the outline.
 */
function drawSegment(ink: Float32Array, x0: number, y0: number, x1: number, y1: number, pen: number): void {
  const [reach, last] = [pen + 0.5, SIDE - 1];
  const [left, right] = [
    Math.max(0, Math.ceil(Math.min(x0, x1) - reach)),
    Math.min(last, Math.max(x0, x1) + reach),
  ];
  const [top, bottom] = [
    Math.max(0, Math.ceil(Math.min(y0, y1) - reach)),
    Math.min(last, Math.max(y0, y1) + reach),
  ];
  const [dx, dy] = [x1 - x0, y1 - y0];
  const square = dx * dx + dy * dy || 1;
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      const along = Math.min(1, Math.max(0, ((x - x0) * dx + (y - y0) * dy) / square));
      const [u, v] = [x0 + along * dx - x, y0 + along * dy - y];
      const distance = Math.sqrt(u * u + v * v);
      const shade = Math.min(1, pen + 0.5 - distance);
      if (shade > ink[y * SIDE + x]) ink[y * SIDE + x] = shade;
    }
  }
}

const between = ({ least, most }: { least: number; most: number }, random: Random): number =>
  least + (most - least) * random.uniform();
