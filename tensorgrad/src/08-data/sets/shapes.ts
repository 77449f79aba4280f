import { checked, defaultRandom, type Random } from "../../00-runtime/index.ts";
import { IMAGE_OPTIONS, ImageDataset } from "./images.ts";
import type { SyntheticOptions } from "./synthetic.ts";

const SIDE = 32;

/** Whether a point is inside: x and y run from −1 to 1 over the extent of the shape. */
type Inside = (x: number, y: number) => boolean;

const inSquare: Inside = (x, y) => Math.max(Math.abs(x), Math.abs(y)) < 1;
const wave = (t: number): boolean => Math.floor(2 * (t + 1)) % 2 === 0;

/** One shape per class. None is another one mirrored, so that random flips do no harm. */
const SHAPES: Readonly<Record<string, Inside>> = {
  disc: (x, y) => x * x + y * y < 1,
  ring: (x, y) => x * x + y * y < 1 && x * x + y * y > 0.3,
  square: inSquare,
  frame: (x, y) => inSquare(x, y) && !inSquare(1.8 * x, 1.8 * y),
  triangle: (x, y) => Math.abs(y) < 1 && 2 * Math.abs(x) < y + 1,
  diamond: (x, y) => Math.abs(x) + Math.abs(y) < 1,
  cross: (x, y) => inSquare(x, y) && Math.min(Math.abs(x), Math.abs(y)) < 0.3,
  bars: (x, y) => inSquare(x, y) && wave(x),
  rungs: (x, y) => inSquare(x, y) && wave(y),
  chequers: (x, y) => inSquare(x, y) && wave(x) === wave(y),
};

/**
 * Shapes in colour that need no file and no network: 3×32×32 like CIFAR-10, ten classes equally often, in random order;
 * size, place, colours and noise are random. The same seed draws the same pictures.
 *
 * Shapes  as ImageDataset, one image [3, 32, 32] unless `shape` says otherwise
 * Cost    about 60 µs per picture, when it is made
 */
export class SyntheticShapes extends ImageDataset {
  static readonly classes: readonly string[] = Object.keys(SHAPES);

  constructor(given: SyntheticOptions = {}) {
    const {
      count = 5000,
      random = defaultRandom,
      ...options
    } = checked("SyntheticShapes", given, ["shape", ...IMAGE_OPTIONS, "count", "random"]);
    if (!Number.isSafeInteger(count) || count < 0) {
      throw new RangeError(`SyntheticShapes: count ${count} — the number of pictures is an integer ≥ 0`);
    }
    const kinds = Object.values(SHAPES);
    const labels = Uint8Array.from(random.permutation(count), (i) => i % kinds.length);
    const size = 3 * SIDE * SIDE;
    const images = new Uint8Array(count * size);
    labels.forEach((label, i) => {
      draw(kinds[label], images.subarray(i * size, (i + 1) * size), random);
    });
    super(images, labels, { ...options, shape: options.shape ?? [3, SIDE, SIDE] });
  }
}

function draw(inside: Inside, picture: Uint8Array, random: Random): void {
  const radius = 7 + 6 * random.uniform();
  const [x, y] = [0, 1].map(() => radius + 1 + (SIDE - 2 * radius - 2) * random.uniform());
  const paper = [0, 1, 2].map(() => 255 * random.uniform());
  // Every channel away from the paper's by a third of the range or more: the shape can be seen.
  const ink = paper.map((level) => level + (level < 128 ? 1 : -1) * (85 + 42 * random.uniform()));
  for (let row = 0, at = 0; row < SIDE; row++) {
    for (let column = 0; column < SIDE; column++, at++) {
      const colour = inside((column - x) / radius, (row - y) / radius) ? ink : paper;
      const noise = (random.bits() >>> 27) - 16; // 5 bits: ±16 of 255
      for (let c = 0; c < 3; c++) {
        picture[c * SIDE * SIDE + at] = Math.max(0, Math.min(255, Math.round(colour[c] + noise)));
      }
    }
  }
}
