import type { Tensor } from "../../../01-tensor/index.ts";
import { float, floats, int, ints, required, text } from "../attributes.ts";
import { castHost } from "../host/cast.ts";
import { interpolation, type Line, lineOf, type Mode, nearest } from "../host/interpolation.ts";
import { type Family, op } from "../operator.ts";
import {
  arrayIn,
  dimIn,
  floatOf,
  hostOf,
  intsOf,
  isFloating,
  numbersOf,
  tensorOf,
  typeOf,
  type Value,
} from "../values.ts";

interface Asked {
  /** One for each dim of x. */
  readonly scales: readonly number[] | null;
  readonly sizes: readonly number[] | null;
  readonly roi: readonly number[] | null;
}

/** Which pixels of x make each pixel along one dim: a product with a matrix, or a choice of single ones. */
function alongDim(x: Tensor, dim: number, line: Line, mode: Mode): Tensor {
  if (line.identity) return x;
  if (mode.mode === "nearest") {
    const places = nearest(line, mode);
    return x.indexSelect(dim, x.newFrom(places, [places.length], "int32"));
  }
  const weights = x.newFrom(interpolation(line, mode), [line.output, line.input]);
  return x.transpose(dim, -1).matmul(weights.t()).transpose(dim, -1);
}

function resized(x: Tensor, { scales, sizes, roi }: Asked, mode: Mode): Tensor {
  const lines = x.shape.map((input, d) =>
    lineOf(input, scales?.[d], sizes?.[d], roi ? [roi[d], roi[d + x.rank]] : [0, 1], mode),
  );
  const y = lines.reduce((t, line, d) => alongDim(t, d, line, mode), x);
  if (mode.coordinates !== "tf_crop_and_resize") return y;
  // Outside the image a number of one's own stands.
  return lines.reduce((t, line, d) => {
    const outside = Uint8Array.from(line.origins, (p) => Number(p < 0 || p > line.input - 1));
    const shape = t.shape.map((_, i) => (i === d ? line.output : 1));
    return t.newFrom(outside, shape, "bool").where(mode.extrapolation, t);
  }, y);
}

/** Numbers for some dims become numbers for all. */
function spreadOver(
  rank: number,
  axes: readonly number[] | undefined,
  given: readonly number[] | null,
  rest: (d: number) => number,
) {
  if (!given || !axes) return given;
  return Array.from({ length: rank }, (_, d) => {
    const i = axes.map((axis) => dimIn(axis, rank)).indexOf(d);
    return i < 0 ? rest(d) : given[i];
  });
}

/** Sizes that keep the aspect ratio are bounds: the largest that fits, or the smallest that covers. */
function keepingAspect(
  x: Tensor,
  sizes: readonly number[],
  axes: readonly number[],
  policy: string,
): number[] {
  if (policy === "stretch") return [...sizes];
  const scales = axes.map((d) => sizes[d] / x.shape[d]);
  const scale = policy === "not_larger" ? Math.min(...scales) : Math.max(...scales);
  return x.shape.map((n, d) => (axes.includes(d) ? Math.floor(scale * n + 0.5) : n));
}

const some = (value: Value | undefined): number[] | null => {
  const numbers = value ? Array.from(numbersOf(value)) : [];
  return numbers.length ? numbers : null;
};

const modes = {
  mode: text("nearest"),
  coordinate_transformation_mode: text("half_pixel"),
  nearest_mode: text("round_prefer_floor"),
  cubic_coeff_a: float(-0.75),
  exclude_outside: int(0),
  extrapolation_value: float(0),
};

/** Whole numbers are resized as floats and come back. */
function ofAnyType(value: Value, fn: (x: Tensor) => Tensor): Value {
  const dtype = typeOf(value);
  if (isFloating(dtype) || "storage" in arrayIn(value)) return fn(floatOf(value));
  return castHost(hostOf(fn(tensorOf(castHost(hostOf(value), "float64")))), dtype);
}

const old: Mode = {
  mode: "nearest",
  coordinates: "asymmetric",
  nearestMode: "floor",
  a: -0.75,
  exclude: false,
  extrapolation: 0,
  antialias: false,
};

const upsampled = (x: Value, scales: number[] | null, mode: string): Value =>
  ofAnyType(x, (t) => resized(t, { scales, sizes: null, roi: null }, { ...old, mode }));

/** Images of another size. */
export const resizing: Family = {
  Resize: [
    op(10, "X scales=", { mode: text("nearest") }, ([x, scales], { mode }) =>
      upsampled(x, some(scales), mode),
    ),
    op(
      11,
      "X roi?= scales?= sizes?",
      { ...modes, antialias: int(0), axes: ints(), keep_aspect_ratio_policy: text("stretch") },
      ([x, roi, scales, sizes], a) =>
        ofAnyType(x, (t) => {
          const every = a.axes?.map((axis) => dimIn(axis, t.rank)) ?? t.shape.map((_, d) => d);
          const wanted = spreadOver(t.rank, a.axes, sizes ? intsOf(sizes) : null, (d) => t.shape[d]);
          const box = some(roi);
          const asked: Asked = {
            scales: spreadOver(t.rank, a.axes, some(scales), () => 1),
            sizes: wanted?.length ? keepingAspect(t, wanted, every, a.keep_aspect_ratio_policy) : null,
            roi: box && [
              ...(spreadOver(t.rank, every, box.slice(0, every.length), () => 0) as number[]),
              ...(spreadOver(t.rank, every, box.slice(every.length), () => 1) as number[]),
            ],
          };
          return resized(t, asked, {
            mode: a.mode,
            coordinates: a.coordinate_transformation_mode,
            nearestMode: a.nearest_mode,
            a: a.cubic_coeff_a,
            exclude: a.exclude_outside === 1,
            extrapolation: a.extrapolation_value,
            antialias: a.antialias === 1,
          });
        }),
    ),
  ],
  Upsample: [
    op(7, "X", { mode: text("nearest"), scales: required(floats()) }, ([x], a) =>
      upsampled(x, [...a.scales], a.mode),
    ),
    op(9, "X scales=", { mode: text("nearest") }, ([x, scales], { mode }) =>
      upsampled(x, some(scales), mode),
    ),
  ],
};
