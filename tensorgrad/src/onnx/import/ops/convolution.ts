import { cat, type Tensor } from "../../../01-tensor/index.ts";
import { conv2d, convTranspose2d } from "../../../09-spatial/index.ts";
import { ints } from "../attributes.ts";
import { type Family, op } from "../operator.ts";
import { alikeTensors, isFloating, typeOf, type Value } from "../values.ts";
import {
  offsets,
  padSpatial,
  perDim,
  strideAttributes,
  tapsOf,
  type Windows,
  windowsOf,
} from "../windows.ts";

interface ConvAttributes {
  readonly auto_pad: string;
  readonly pads: readonly number[] | undefined;
  readonly strides: readonly number[] | undefined;
  readonly dilations: readonly number[] | undefined;
  readonly group: number;
}

/** Images of any number of spatial dims with filters [O, C/group, kernel...]. */
export function convolved(x: Tensor, w: Tensor, b: Tensor | null, a: ConvAttributes): Tensor {
  const windows = windowsOf(x.shape.slice(2), w.shape.slice(2), a);
  if (x.rank === 3) {
    const flat = flatWindows(windows);
    return plane(x.unsqueeze(2), w.unsqueeze(2), b, flat, a.group).squeeze(2);
  }
  return x.rank === 4 ? plane(x, w, b, windows, a.group) : volume(x, w, b, windows, a.group);
}

/** A line is an image of one row. */
const flatWindows = ({ kernel, strides, dilations, begins, ends, outputs }: Windows): Windows => ({
  kernel: [1, ...kernel],
  strides: [1, ...strides],
  dilations: [1, ...dilations],
  begins: [0, ...begins],
  ends: [0, ...ends],
  outputs: [1, ...outputs],
});

type Two = readonly [number, number];

function plane(x: Tensor, w: Tensor, b: Tensor | null, windows: Windows, groups: number): Tensor {
  const { strides, dilations, begins, ends } = windows;
  const even = begins.every((n, d) => n === ends[d]);
  return conv2d(even ? x : padSpatial(x, begins, ends), w, b, {
    stride: strides as unknown as Two,
    dilation: dilations as unknown as Two,
    padding: even ? (begins as unknown as Two) : 0,
    groups,
  });
}

/** Tap by tap: each is a product of the filters' matrix with what that tap sees. */
function volume(x: Tensor, w: Tensor, b: Tensor | null, windows: Windows, groups: number): Tensor {
  const parts = x.chunk(groups, 1).map((part, g) => {
    const filters = w.chunk(groups, 0)[g]; // [O/G, C/G, kernel...]
    const flat = filters.reshape([filters.shape[0], filters.shape[1], -1]);
    const N = part.shape[0];
    const terms = tapsOf(part, windows).map(
      (tap, k) => flat.select(2, k).matmul(tap.reshape([N, tap.shape[1], -1])), // [N, O/G, outputs]
    );
    return terms.reduce((sum, term) => sum.add(term));
  });
  const y = cat(parts, 1).reshape([x.shape[0], w.shape[0], ...windows.outputs]);
  return b ? y.add(b.reshape([-1, ...windows.outputs.map(() => 1)])) : y;
}

interface TransposeAttributes extends ConvAttributes {
  readonly output_padding: readonly number[] | undefined;
  readonly output_shape: readonly number[] | undefined;
}

/** Every element is spread over what a filter there would see; then the edges are cut off, or filled up with zeros. */
function spread(x: Tensor, w: Tensor, b: Tensor | null, a: TransposeAttributes): Tensor {
  const size = x.shape.slice(2);
  const n = size.length;
  const strides = perDim("strides", a.strides, 1, n);
  const dilations = perDim("dilations", a.dilations, 1, n);
  const more = perDim("output_padding", a.output_padding, 0, n);
  const full = size.map((length, d) => strides[d] * (length - 1) + dilations[d] * (w.shape[d + 2] - 1) + 1);
  const [begins, ends] = cutsOf(
    full.map((length, d) => length + more[d]),
    size,
    strides,
    a,
  );
  const whole = spreadWhole(x, w, strides, dilations, a.group);
  const y = padSpatial(
    whole,
    begins.map((cut) => -cut),
    ends.map((cut, d) => more[d] - cut),
  );
  return b ? y.add(b.reshape([-1, ...size.map(() => 1)])) : y;
}

/** What is cut off at the beginning and at the end of each dim. */
function cutsOf(
  full: readonly number[],
  size: readonly number[],
  strides: readonly number[],
  a: TransposeAttributes,
) {
  const n = size.length;
  const same = a.auto_pad === "SAME_UPPER" || a.auto_pad === "SAME_LOWER";
  const wanted = a.output_shape?.slice(-n) ?? (same ? size.map((length, d) => length * strides[d]) : null);
  if (!wanted) {
    const pads = a.auto_pad === "VALID" ? new Array<number>(2 * n).fill(0) : perDim("pads", a.pads, 0, 2 * n);
    return [pads.slice(0, n), pads.slice(n)];
  }
  const totals = full.map((length, d) => length - wanted[d]);
  const small = totals.map((total) => Math.floor(total / 2));
  const large = totals.map((total, d) => total - small[d]);
  return a.auto_pad === "SAME_UPPER" ? [small, large] : [large, small];
}

function spreadWhole(
  x: Tensor,
  w: Tensor,
  strides: readonly number[],
  dilations: readonly number[],
  groups: number,
): Tensor {
  const options = { stride: strides as unknown as Two, dilation: dilations as unknown as Two, groups };
  if (x.rank === 4) return convTranspose2d(x, w, null, options);
  if (x.rank === 3) {
    const row = { stride: [1, strides[0]], dilation: [1, dilations[0]], groups } as const;
    return convTranspose2d(x.unsqueeze(2), w.unsqueeze(2), null, row).squeeze(2);
  }
  const size = x.shape.slice(2);
  const [N] = x.shape;
  const kernel = w.shape.slice(2);
  const parts = x.chunk(groups, 1).map((part, g) => {
    const filters = w.chunk(groups, 0)[g].transpose(0, 1); // [O/G, C/G, kernel...]
    const flat = filters.reshape([filters.shape[0], filters.shape[1], -1]);
    const terms = offsets(kernel).map((tap, k) => {
      const y = flat
        .select(2, k)
        .matmul(part.reshape([N, part.shape[1], -1]))
        .reshape([N, -1, ...size]);
      const apart = size.reduce((t, _, d) => spaced(t, d + 2, strides[d]), y);
      return padSpatial(
        apart,
        tap.map((at, d) => at * dilations[d]),
        tap.map((at, d) => (kernel[d] - 1 - at) * dilations[d]),
      );
    });
    return terms.reduce((sum, term) => sum.add(term));
  });
  return cat(parts, 1);
}

/** Zeros between neighbours along a dim. */
function spaced(x: Tensor, dim: number, stride: number): Tensor {
  if (stride === 1) return x;
  const n = x.shape[dim];
  const wide = x.unsqueeze(dim + 1);
  const pairs = wide.shape.flatMap((_, d) => (d === dim + 1 ? [stride - 1, 0] : [0, 0])).reverse();
  const padded = wide.pad(pairs);
  return padded.reshape(x.shape.with(dim, n * stride)).narrow(dim, 0, (n - 1) * stride + 1);
}

/** Convolutions. */
export const convolutions: Family = {
  Conv: [
    op(1, "X W B?", strideAttributes, ([x, w, b], a) => {
      const [images, filters, bias] = floats(b ? [x, w, b] : [x, w]);
      return convolved(images, filters, bias ?? null, a);
    }),
  ],
  ConvTranspose: [
    op(1, "X W B?", { ...strideAttributes, output_padding: ints(), output_shape: ints() }, ([x, w, b], a) => {
      const [images, filters, bias] = floats(b ? [x, w, b] : [x, w]);
      return spread(images, filters, bias ?? null, a);
    }),
  ],
};

function floats(values: readonly Value[]): Tensor[] {
  const strange = values.find((value) => !isFloating(typeOf(value)));
  if (strange) throw new TypeError(`${typeOf(strange)} — a convolution takes floats`);
  return alikeTensors(values);
}
