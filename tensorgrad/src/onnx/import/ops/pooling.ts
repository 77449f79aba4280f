import { isTensor, stack, type Tensor } from "../../../01-tensor/index.ts";
import { avgPool2d, maxPool2d } from "../../../09-spatial/index.ts";
import { int, ints, required } from "../attributes.ts";
import { castHost } from "../host/cast.ts";
import { type Family, op } from "../operator.ts";
import {
  arrayIn,
  floatOf,
  hostNumbers,
  hostOf,
  intsOf,
  isFloating,
  numbersOf,
  peek,
  sizeIn,
  tensorOf,
  type Value,
} from "../values.ts";
import { perDim, sliding, spanOf, tapsOf, type Windows, windowsOf } from "../windows.ts";

type Two = readonly [number, number];

/**
 * Whether tensorgrad's own pooling takes these windows: two dims, at most half a window of padding before the image. As much is
 * taken to be behind it, which must give as many windows, and none of them may reach further than the node allows.
 */
const isPlain = (windows: Windows, size: readonly number[]): boolean =>
  windows.kernel.length === 2 &&
  windows.kernel.every((kernel, d) => {
    const [begin, end, stride] = [windows.begins[d], windows.ends[d], windows.strides[d]];
    const span = spanOf(kernel, windows.dilations[d]);
    const count = Math.floor((size[d] + 2 * begin - span) / stride) + 1;
    const reached = (windows.outputs[d] - 1) * stride + span;
    return begin <= kernel / 2 && count === windows.outputs[d] && reached <= size[d] + begin + end;
  });

const optionsOf = ({ strides, begins }: Windows) => ({
  stride: strides as unknown as Two,
  padding: begins as unknown as Two,
});

function maxPool(x: Tensor, windows: Windows): Tensor {
  if (isPlain(windows, x.shape.slice(2)))
    return maxPool2d(x, windows.kernel as unknown as Two, {
      ...optionsOf(windows),
      dilation: windows.dilations as unknown as Two,
    });
  return tapsOf(x, windows, -Infinity).reduce((best, tap) => best.maximum(tap));
}

/** Where each maximum was found, counted through the whole tensor. */
function maxPositions(x: Tensor, windows: Windows, columnMajor: boolean): Value {
  const best = stack(tapsOf(x, windows, -Infinity)).argmax(0, { keepDim: true });
  const places = x.newFrom(
    Int32Array.from({ length: x.size }, (_, i) => i),
    x.shape,
    "int32",
  );
  const found = stack(tapsOf(places, windows, -1))
    .gather(0, best)
    .squeeze(0);
  const numbers = peek(() => found.data as Int32Array);
  if (!columnMajor) return hostNumbers("int64", found.shape, numbers);
  const size = x.shape.slice(2);
  const plane = sizeIn(size);
  const turned = Array.from(numbers, (place) => {
    let [rest, index, stride] = [place % plane, 0, plane];
    for (const n of size.toReversed()) {
      stride /= n;
      index += (rest % n) * stride;
      rest = Math.floor(rest / n);
    }
    return place - (place % plane) + index;
  });
  return hostNumbers("int64", found.shape, turned);
}

/** The sum of a window divided by what it counts. */
function averagePool(x: Tensor, windows: Windows, countPads: boolean): Tensor {
  const plainDilation = windows.dilations.every((n) => n === 1);
  if (plainDilation && isPlain(windows, x.shape.slice(2)))
    return avgPool2d(x, windows.kernel as unknown as Two, {
      ...optionsOf(windows),
      countIncludePad: countPads,
    });
  const sum = (t: Tensor, w: Windows) => tapsOf(t, w).reduce((total, tap) => total.add(tap));
  const ones = x.newFrom([1], [1, 1, ...x.shape.slice(2).map(() => 1)]).expand([1, 1, ...x.shape.slice(2)]);
  const none = windows.begins.map(() => 0);
  const counted = countPads
    ? sum(padded(ones, windows), { ...windows, begins: none, ends: none })
    : sum(ones, windows);
  return sum(x, windows).div(counted);
}

const padded = (ones: Tensor, { begins, ends }: Windows): Tensor =>
  ones.pad(begins.flatMap((n, d) => [ends[d], n]).reverse(), { value: 1 });

interface PoolAttributes {
  readonly auto_pad: string;
  readonly pads: readonly number[] | undefined;
  readonly strides: readonly number[] | undefined;
  readonly dilations: readonly number[] | undefined;
  readonly kernel_shape: readonly number[];
  readonly ceil_mode: number;
}

const pool = { ...sliding, kernel_shape: required(ints()), ceil_mode: int(0) };
const windowsFor = (x: Tensor, a: PoolAttributes): Windows =>
  windowsOf(x.shape.slice(2), a.kernel_shape, a, a.ceil_mode === 1);

/** Whole numbers are pooled as float64 and come back as they were. */
function ofAnyType(value: Value, fn: (x: Tensor) => Tensor): Value {
  const x = arrayIn(value);
  if (isTensor(x) || isFloating(x.dtype)) return fn(floatOf(x));
  return castHost(hostOf(fn(tensorOf(castHost(x, "float64")))), x.dtype);
}

/** All spatial dims at once, kept with size 1. */
const overSpace = (x: Tensor): number[] => x.shape.slice(2).map((_, d) => d + 2);
const keep = { keepDim: true } as const;

/** Puts maxima back where they were; zeros elsewhere. */
function maxUnpool(x: Value, indices: Value, asked: Value, a: PoolAttributes): Value {
  const t = floatOf(x);
  const [N, C, ...size] = t.shape;
  const strides = perDim("strides", a.strides, 1, size.length);
  const pads = perDim("pads", a.pads, 0, 2 * size.length);
  const plain = size.map(
    (n, d) => (n - 1) * strides[d] + a.kernel_shape[d] - pads[d] - pads[d + size.length],
  );
  const shape = asked ? intsOf(asked) : [N, C, ...plain];
  // Positions are those of the plain size, also where a larger one is asked for.
  const places = Int32Array.from(numbersOf(indices), (place) => moved(place, [N, C, ...plain], shape));
  const zeros = t.newFrom(new Float32Array(sizeIn(shape)), [sizeIn(shape)]);
  return zeros.indexAdd(0, t.newFrom(places, [places.length], "int32"), t.reshape([t.size])).reshape(shape);
}

function moved(place: number, from: readonly number[], to: readonly number[]): number {
  let [rest, moved, stride] = [place, 0, 1];
  for (let d = from.length - 1; d >= 0; d--) {
    moved += (rest % from[d]) * stride;
    rest = Math.floor(rest / from[d]);
    stride *= to[d];
  }
  return moved;
}

/** Pooling. */
export const pooling: Family = {
  MaxPool: [
    op(1, "X", { ...pool, storage_order: int(0) }, ([x], a, { outputs }) => {
      const y = ofAnyType(x, (t) => maxPool(t, windowsFor(t, a)));
      if (outputs < 2) return y;
      const t = floatOf(x);
      return [y, maxPositions(t, windowsFor(t, a), a.storage_order === 1)];
    }),
  ],
  AveragePool: [
    op(1, "X", { ...pool, count_include_pad: int(0) }, ([x], a) => {
      const t = floatOf(x);
      return averagePool(t, windowsFor(t, a), a.count_include_pad === 1);
    }),
  ],
  LpPool: [
    op(2, "X", { ...pool, p: int(2) }, ([x], a) => {
      const t = floatOf(x).abs().pow(a.p);
      const taps = tapsOf(t, windowsFor(t, a));
      return taps.reduce((sum, tap) => sum.add(tap)).pow(1 / a.p);
    }),
  ],
  GlobalAveragePool: [op(1, "X", {}, ([x]) => floatOf(x).mean(overSpace(floatOf(x)), keep))],
  GlobalMaxPool: [op(1, "X", {}, ([x]) => floatOf(x).amax(overSpace(floatOf(x)), keep))],
  GlobalLpPool: [
    op(2, "X", { p: int(2) }, ([x], { p }) =>
      floatOf(x)
        .abs()
        .pow(p)
        .sum(overSpace(floatOf(x)), keep)
        .pow(1 / p),
    ),
  ],
  MaxUnpool: [
    op(
      9,
      "X I output_shape?",
      { kernel_shape: required(ints()), pads: ints(), strides: ints() },
      ([x, i, shape], a) =>
        maxUnpool(x, i, shape, { ...a, auto_pad: "NOTSET", dilations: undefined, ceil_mode: 0 }),
    ),
  ],
};
