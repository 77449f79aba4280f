import { checked, defaultRandom, type Random } from "../../00-runtime/index.ts";
import { zeros } from "../../01-tensor/index.ts";
import { TensorDataset } from "./rows.ts";

/** Options of `moons` and `xor`. */
export interface ToyOptions {
  /** How many points; classes take turns, so they are equally frequent. */
  readonly count?: number;
  /** Normal deviation of every coordinate. */
  readonly noise?: number;
  readonly random?: Random;
}

/** Options of `blobs` and `spirals`. */
export interface ToyClassesOptions extends ToyOptions {
  readonly classes?: number;
}

type Point = readonly [x: number, y: number];

/**
 * Round clouds, their centres evenly on a circle of radius 1: a linear model separates them.
 *
 * Shapes  x [count, 2] float32, y [count] int32
 */
export function blobs(given: ToyClassesOptions = {}): TensorDataset {
  const {
    classes = 2,
    noise = 0.2,
    ...options
  } = checked("blobs", given, ["count", "noise", "random", "classes"]);
  return scatter("blobs", classes, { noise, ...options }, (label) => onCircle(label / classes));
}

/**
 * Two half circles that reach into each other: no line separates them.
 *
 * Shapes  x [count, 2] float32, y [count] int32
 */
export function moons(given: ToyOptions = {}): TensorDataset {
  const { noise = 0.1, ...options } = checked("moons", given, ["count", "noise", "random"]);
  return scatter("moons", 2, { noise, ...options }, (label, random) => {
    const [x, y] = onCircle(random.uniform() / 2);
    return label === 0 ? [x - 0.5, y - 0.25] : [0.5 - x, 0.25 - y];
  });
}

/**
 * Arms that wind around each other once on their way from the centre to radius 1.
 *
 * Shapes  x [count, 2] float32, y [count] int32
 */
export function spirals(given: ToyClassesOptions = {}): TensorDataset {
  const {
    classes = 2,
    noise = 0.02,
    ...options
  } = checked("spirals", given, ["count", "noise", "random", "classes"]);
  return scatter("spirals", classes, { noise, ...options }, (label, random) => {
    const radius = 0.1 + 0.9 * random.uniform();
    const [x, y] = onCircle(radius + label / classes);
    return [radius * x, radius * y];
  });
}

/**
 * The four corners of a square; the class is whether the signs differ. Without noise and with count 4, the truth table.
 *
 * Shapes  x [count, 2] float32, y [count] int32
 */
export function xor(given: ToyOptions = {}): TensorDataset {
  const { count = 4, noise = 0, ...options } = checked("xor", given, ["count", "noise", "random"]);
  let corner = 0;
  return scatter("xor", 2, { count, noise, ...options }, (label) => {
    const first = corner++ % 4 < 2 ? -1 : 1;
    return [first, label === 0 ? first : -first];
  });
}

/** Draws `count` points, classes in turns, each where `place` puts it and then a little off. */
function scatter(
  call: string,
  classes: number,
  { count = 200, noise = 0, random = defaultRandom }: ToyOptions,
  place: (label: number, random: Random) => Point,
): TensorDataset {
  if (!Number.isSafeInteger(count) || count < 1 || !Number.isInteger(classes) || classes < 1) {
    throw new RangeError(`${call}: count ${count}, classes ${classes} — both must be integers ≥ 1`);
  }
  if (!(noise >= 0 && Number.isFinite(noise))) {
    throw new RangeError(`${call}: noise ${noise} — a normal deviation, a finite number ≥ 0`);
  }
  const x = zeros([count, 2]);
  const y = zeros([count], { dtype: "int32" });
  const [points, labels] = [x.data, y.data];
  for (let i = 0; i < count; i++) {
    const label = i % classes;
    place(label, random).forEach((at, dim) => {
      points[2 * i + dim] = at + noise * random.normal();
    });
    labels[i] = label;
  }
  return new TensorDataset(x, y);
}

const onCircle = (turns: number): Point => [Math.cos(2 * Math.PI * turns), Math.sin(2 * Math.PI * turns)];
