import { fromArray, type Tensor } from "tensorgrad";

/** What tests of gradients share: inputs, slopes by differences, distances. */

/** The same numbers as a tensor that wants a gradient. */
export function leaf(data: Tensor): Tensor {
  const x = data.detach().clone();
  x.requiresGrad = true;
  return x;
}

/** Numbers between −2 and 2 without symmetry, so that no error can cancel; `phase` makes different ones. */
export function wave(shape: readonly number[], phase: number): Tensor {
  const size = shape.reduce((product, n) => product * n, 1);
  return fromArray(
    Array.from({ length: size }, (_, i) => 2 * Math.sin(phase + 1.7 * i)),
    shape,
    { dtype: "float64" },
  );
}

const STEP = 1e-5;

/** Central differences of f along every element of x. */
export function differences(f: (x: Tensor) => number, x: Tensor, h = STEP): number[] {
  return Array.from(x.data, (_, i) => {
    const moved = (by: number) =>
      x.newFrom(
        Array.from(x.data, (value, k) => (k === i ? value + by : value)),
        x.shape,
      );
    return (f(moved(h)) - f(moved(-h))) / (2 * h);
  });
}

/** The central difference of f at x along v. */
export const slopeAlong = (f: (x: Tensor) => number, x: Tensor, v: Tensor, h = STEP): number =>
  (f(x.add(v.mul(h))) - f(x.sub(v.mul(h)))) / (2 * h);

/**
 * What `differences` may be off by, where f adds up as many terms as x has elements, each about as large as its element: h²
 * for what is bent, and the rounding of the sums, divided by h.
 */
export function allowed(x: Tensor, h = STEP): number {
  const size = Array.from(x.data, Math.abs).reduce((sum, value) => sum + Math.max(1, value), 0);
  return h ** 2 + (2 * Number.EPSILON * size) / h;
}

/** The largest difference; NaN if any is. */
export function distance(y: Tensor, expected: Tensor | ArrayLike<number>): number {
  const other = "data" in expected ? expected.data : expected;
  let largest = 0;
  y.data.forEach((value, i) => {
    largest = Math.max(largest, Math.abs(value - other[i]));
  });
  return largest;
}
