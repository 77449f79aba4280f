import { expect } from "vitest";
import { type DType, kernelChoice, useKernels } from "../../src/00-runtime/index.ts";
import { type Tensor, tensor } from "../../src/01-tensor/index.ts";
import "../../src/05-autograd/index.ts";

/** One number on its way: each call is a step, given the gradient at a place, and tells the new place. */
export type Path = (gradient: (theta: number) => number) => number;

interface Stepping {
  step(): void;
  zeroGrad(): void;
}

// A parameter of 19 numbers (vectors of four and a rest) in ½(p − c)², where c moves: the gradient is p − c.
const SIZE = 19;
const numbers = (f: (i: number) => number) => Array.from({ length: SIZE }, (_, i) => f(i));
const start = (i: number) => Math.cos(i);
const centre = (step: number, i: number) => Math.sin(3 * step + i);

/** How far an element of the optimizer's parameter gets from its reference in ten steps. */
export function furthest(
  dtype: DType,
  make: (params: Tensor[]) => Stepping,
  follow: (start: number) => Path,
): number {
  const p = tensor(numbers(start), { dtype, requiresGrad: true });
  const optimizer = make([p]);
  const references = numbers(start).map(follow);
  let largest = 0;
  for (let step = 1; step <= 10; step++) {
    const centres = tensor(
      numbers((i) => centre(step, i)),
      { dtype },
    );
    optimizer.zeroGrad();
    p.sub(centres).square().mul(0.5).sum().backward();
    optimizer.step();
    references.forEach((next, i) => {
      const expected = next((value) => value - centre(step, i));
      largest = Math.max(largest, Math.abs(p.data[i] - expected));
    });
  }
  return largest;
}

/**
 * For settings that are drawn: the same in units of what rounding may do. How much that is depends on the settings: a
 * root near 0 enlarges it. So the formula goes its way four times more, from starts and with gradients that are off by
 * a few roundings, and what comes of that is what is allowed, beside some roundings of the place itself.
 */
export function strayed(make: (params: Tensor[]) => Stepping, follow: (start: number) => Path): number {
  const p = tensor(numbers(start), { dtype: "float64", requiresGrad: true });
  const optimizer = make([p]);
  const off = [0, 1, -1, 2, -2].map((n) => n * 2 ** -51);
  const paths = numbers(start).map((value) => off.map((by) => follow(value * (1 + by))));
  let most = 0;
  for (let step = 1; step <= 10; step++) {
    const centres = numbers((i) => centre(step, i));
    optimizer.zeroGrad();
    p.sub(tensor(centres, { dtype: "float64" }))
      .square()
      .mul(0.5)
      .sum()
      .backward();
    optimizer.step();
    paths.forEach((variants, i) => {
      const alternate = step % 2 === 0 ? 1 : -1;
      const [right, ...others] = variants.map((next, k) =>
        next((value) => (value - centres[i]) * (1 + alternate * off[k])),
      );
      const enlarged = Math.max(...others.map((other) => Math.abs(other - right)));
      const allowed = 16 * Number.EPSILON * (1 + Math.abs(right)) + 8 * enlarged;
      most = Math.max(most, Math.abs(p.data[i] - right) / allowed);
    });
  }
  return most;
}

/** Ten steps in double precision, and on both kinds of kernels in single precision. */
export function expectTrajectory(
  make: (params: Tensor[]) => Stepping,
  follow: (start: number) => Path,
): void {
  expect(furthest("float64", make, follow)).toBeLessThan(1e-12);
  const initial = kernelChoice();
  try {
    for (const choice of ["simd", "reference"] as const) {
      useKernels(choice);
      expect(furthest("float32", make, follow), choice).toBeLessThan(1e-6);
    }
  } finally {
    useKernels(initial);
  }
}
