import { zeros } from "../01-tensor/index.ts";
import { init, Parameter } from "../03-layers/index.ts";

/** How many blocks of H rows the weights of a kind have, and how many states a step passes on. */
export interface Kind {
  readonly blocks: 1 | 3 | 4;
  readonly states: 1 | 2;
}

/** The weights of one layer in one direction, by PyTorch's names. */
export interface Weights {
  readonly weight_ih: Parameter;
  readonly weight_hh: Parameter;
  readonly bias_ih: Parameter | null;
  readonly bias_hh: Parameter | null;
}

/** All uniform in ±1/√H, as in PyTorch: biases, too. */
export function drawWeights(
  inputs: number,
  hidden: number,
  { blocks }: Kind,
  bias: boolean,
  options: init.Draw,
): Weights {
  const bound = 1 / Math.sqrt(hidden);
  const drawn = (...shape: number[]) => new Parameter(init.uniform(zeros(shape), -bound, bound, options));
  return {
    weight_ih: drawn(blocks * hidden, inputs),
    weight_hh: drawn(blocks * hidden, hidden),
    bias_ih: bias ? drawn(blocks * hidden) : null,
    bias_hh: bias ? drawn(blocks * hidden) : null,
  };
}
