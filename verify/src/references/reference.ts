import { differences, fromArray, type Random, type Tensor, tensor } from "tensorgrad";
import { differs } from "../gradients/differs.ts";

/** A definition to be held against: null, or what is wrong in words. */
export type Reference = (random: Random) => string | null;

const wide = { dtype: "float64" } as const;

export const numbers = (random: Random, n: number): number[] =>
  Array.from({ length: n }, () => 3 * random.normal());
export const float64 = (values: readonly number[]): Tensor => tensor([...values], wide);
/** Standard normal numbers of a shape, in float64. */
export const normals = (random: Random, shape: readonly number[]): Tensor =>
  fromArray(
    Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal()),
    shape,
  );
export const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
export const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b) / values.length;

/** A value from tables: Abramowitz & Stegun 1964, 7.1 (erf) and 26.2 (normal distribution), 4.4 (arc functions). */
export const valueAt =
  (run: (x: Tensor) => Tensor, x: number, value: number): Reference =>
  () =>
    differs(`the value at ${x}`, run(float64([x])), [value]);

/**
 * Slopes at points (all of them one tensor), kinks above all: what is a convention there, and not mathematics, is
 * PyTorch's. Whatever the convention, a gradient lies between the slopes to the left and to the right.
 */
export const slopesAt =
  (run: (x: Tensor) => Tensor, at: readonly number[], slopes: readonly number[]): Reference =>
  () => {
    const x = tensor([...at], { ...wide, requiresGrad: true });
    run(x).sum().backward();
    const g = x.grad ?? x.mul(Number.NaN);
    return outside(run, at, g.data) ?? differs("the slope", g, slopes);
  };

/** The first element whose gradient is on neither side of its kink. */
function outside(run: (x: Tensor) => Tensor, at: readonly number[], g: ArrayLike<number>): string | null {
  for (const i of at.keys()) {
    const curve = (t: number) =>
      run(float64(at.with(i, at[i] + t)))
        .sum()
        .item();
    const { left, right, error } = differences.oneSided(curve);
    if (!(g[i] >= Math.min(left, right) - error && g[i] <= Math.max(left, right) + error))
      return `gradient ${g[i]} of element ${i} of [${at}], slopes ${left} to the left, ${right} to the right`;
  }
  return null;
}
