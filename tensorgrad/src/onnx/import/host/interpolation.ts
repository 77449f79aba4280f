/** Where the pixels of a resized line come from: numbers on the host, from sizes alone. */

export interface Mode {
  readonly mode: string;
  readonly coordinates: string;
  readonly nearestMode: string;
  /** The coefficient of cubic interpolation. */
  readonly a: number;
  readonly exclude: boolean;
  readonly extrapolation: number;
  readonly antialias: boolean;
}

/** One dim of an image: its sizes, and for every output the position in the input, which may lie between pixels. */
export interface Line {
  readonly input: number;
  readonly output: number;
  readonly scale: number;
  readonly origins: readonly number[];
  readonly identity: boolean;
}

interface Geometry {
  readonly input: number;
  readonly output: number;
  readonly scale: number;
  readonly roi: readonly [number, number];
}

const coordinates: Readonly<Record<string, (i: number, line: Geometry) => number>> = {
  half_pixel: (i, { scale }) => (i + 0.5) / scale - 0.5,
  pytorch_half_pixel: (i, { scale, output }) => (output > 1 ? (i + 0.5) / scale - 0.5 : 0),
  align_corners: (i, { input, output }) => (output === 1 ? 0 : (i * (input - 1)) / (output - 1)),
  asymmetric: (i, { scale }) => i / scale,
  tf_half_pixel_for_nn: (i, { scale }) => (i + 0.5) / scale,
  tf_crop_and_resize: (i, { input, output, roi: [start, end] }) =>
    output > 1
      ? start * (input - 1) + (i * (end - start) * (input - 1)) / (output - 1)
      : 0.5 * (start + end) * (input - 1),
  half_pixel_symmetric: (i, { input, output, scale }) => {
    const centre = input / 2;
    const offset = centre * (1 - output / (scale * input));
    return offset + (i + 0.5) / scale - 0.5;
  },
};

/** More pixels than this along one dim are an error in the file rather than an image. */
const LONGEST = 2 ** 24;

export function lineOf(
  input: number,
  scale: number | undefined,
  size: number | undefined,
  roi: readonly [number, number],
  mode: Mode,
): Line {
  const origin = Object.hasOwn(coordinates, mode.coordinates) ? coordinates[mode.coordinates] : undefined;
  if (!origin)
    throw new TypeError(
      `coordinates "${mode.coordinates}" — known are ${Object.keys(coordinates).join(", ")}`,
    );
  const share = mode.coordinates === "tf_crop_and_resize" ? roi[1] - roi[0] : 1;
  const output = size ?? Math.floor(input * share * (scale ?? 1));
  const factor = scale ?? output / input;
  if (!(output >= 0 && output <= LONGEST && factor > 0))
    throw new RangeError(
      `${input} pixels scaled by ${factor} to ${output} — sizes are from 0 to ${LONGEST}, scales above 0`,
    );
  const geometry = { input, output, scale: factor, roi };
  const origins = Array.from({ length: output }, (_, i) => origin(i, geometry));
  return {
    input,
    output,
    scale: factor,
    origins,
    identity: origins.length === input && origins.every((p, i) => p === i),
  };
}

const rounding: Readonly<Record<string, (x: number) => number>> = {
  round_prefer_floor: (x) => Math.ceil(x - 0.5),
  round_prefer_ceil: (x) => Math.floor(x + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
};

export function nearest({ input, origins }: Line, { nearestMode }: Mode): Int32Array {
  const round = Object.hasOwn(rounding, nearestMode) ? rounding[nearestMode] : undefined;
  if (!round)
    throw new TypeError(`nearest_mode "${nearestMode}" — known are ${Object.keys(rounding).join(", ")}`);
  return Int32Array.from(origins, (x) => Math.min(Math.max(round(x), 0), input - 1));
}

interface Kernel {
  readonly reach: number;
  readonly at: (distance: number) => number;
}

const linear: Kernel = { reach: 1, at: (t) => Math.max(0, 1 - Math.abs(t)) };

/** Keys 1981: the cubic that passes through its pixels; `a` is its slope at distance 1. */
const cubic = (a: number): Kernel => ({
  reach: 2,
  at: (t) => {
    const d = Math.abs(t);
    if (d <= 1) return (a + 2) * d ** 3 - (a + 3) * d ** 2 + 1;
    return d < 2 ? a * d ** 3 - 5 * a * d ** 2 + 8 * a * d - 4 * a : 0;
  },
});

/** The weights [output, input] of every pixel, row by row. */
export function interpolation({ input, output, scale, origins }: Line, mode: Mode): Float64Array {
  const { reach, at } = mode.mode === "cubic" ? cubic(mode.a) : linear;
  if (mode.mode !== "linear" && mode.mode !== "cubic")
    throw new TypeError(`mode "${mode.mode}" — known are nearest, linear, cubic`);
  const stretch = mode.antialias && scale < 1 ? scale : 1;
  const inside = mode.exclude || stretch < 1;
  const weights = new Float64Array(output * input);
  for (const [i, x] of origins.entries()) {
    const row = weights.subarray(i * input, (i + 1) * input);
    let total = 0;
    for (let p = Math.floor(x - reach / stretch) + 1; p <= Math.ceil(x + reach / stretch); p++) {
      if (inside && (p < 0 || p >= input)) continue;
      const weight = at((x - p) * stretch);
      row[Math.min(Math.max(p, 0), input - 1)] += weight;
      total += weight;
    }
    if (inside && total !== 0) for (let p = 0; p < input; p++) row[p] /= total;
  }
  return weights;
}
