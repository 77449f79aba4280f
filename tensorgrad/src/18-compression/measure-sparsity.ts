import { can, expectArgument } from "../00-runtime/index.ts";
import type { Shape } from "../01-tensor/index.ts";
import type { Module } from "../03-layers/index.ts";
import { sparseBytes } from "./sparse.ts";

/** How many of a parameter's elements are 0. */
export interface ParameterSparsity {
  readonly shape: Shape;
  readonly size: number;
  readonly zeros: number;
  readonly sparsity: number;
}

/** How many numbers of a model are 0, in all and by parameter. */
export interface Sparsity extends Omit<ParameterSparsity, "shape"> {
  /** By path. */
  readonly parameters: Readonly<Record<string, ParameterSparsity>>;
  /** In float32: as they lie in memory, and with a bit for each element and the nonzeros alone (whichever is less). */
  readonly bytes: { readonly dense: number; readonly sparse: number };
}

/** The share of zeros, 0 of nothing. */
const share = (zeros: number, size: number): number => (size === 0 ? 0 : zeros / size);

/** Counts the zeros among a model's parameters, and what it would take to store the others. */
export function measureSparsity(model: Module): Sparsity {
  expectArgument(
    can(model, "modules"),
    "measureSparsity",
    "model",
    model,
    "a Module, such as new Sequential(…)",
  );
  const parameters = model.namedParameters().map(([path, p]): [string, ParameterSparsity] => {
    const zeros = Array.from(p.data).filter((w) => w === 0).length;
    return [path, { shape: p.shape, size: p.size, zeros, sparsity: share(zeros, p.size) }];
  });
  const total = (of: (one: ParameterSparsity) => number) =>
    parameters.reduce((sum, [, one]) => sum + of(one), 0);
  const [size, zeros] = [total((one) => one.size), total((one) => one.zeros)];
  return {
    ...{ size, zeros, sparsity: share(zeros, size) },
    parameters: Object.fromEntries(parameters),
    bytes: {
      dense: 4 * size,
      sparse: total((one) => Math.min(4 * one.size, sparseBytes(one.size, one.size - one.zeros))),
    },
  };
}
