import { afterEach, expect } from "vitest";
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

/** Ten steps in double precision, and on both kinds of kernels in single precision. */
export function expectTrajectory(
  make: (params: Tensor[]) => Stepping,
  follow: (start: number) => Path,
): void {
  expect(furthest("float64", make, follow)).toBeLessThan(1e-12);
  for (const choice of ["simd", "reference"] as const) {
    useKernels(choice);
    expect(furthest("float32", make, follow), choice).toBeLessThan(1e-6);
  }
}

const initial = kernelChoice();
afterEach(() => useKernels(initial));
