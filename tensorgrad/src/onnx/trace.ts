import { recordAll, type Tensor } from "../01-tensor/index.ts";
import type { Recorded } from "./emit.ts";

/** A function of tensors. What it computes is exported as it stands; tensors it closes over become constants. */
export type TensorFunction = (...inputs: Tensor[]) => Tensor | readonly Tensor[];

export type Model = TensorFunction;

/** Calls a function once, with every operation recorded. */
export function trace(model: Model, inputs: readonly Tensor[]): Recorded {
  const fresh = inputs.map((x) => x.detach()); // two inputs may be one tensor, or results of recorded operations
  const result = recordAll(() => model(...fresh));
  const outputs = Array.isArray(result) ? (result as readonly Tensor[]) : [result as Tensor];
  return {
    inputs: new Map(fresh.map((x, i) => [x, numbered("input", i, inputs.length)])),
    outputs: new Map(outputs.map((y, i) => [numbered("output", i, outputs.length), y])),
    parameters: new Map(),
    paths: new Map(),
  };
}

/** `input` if it is the only one, else `input_0`, `input_1`, … */
const numbered = (name: string, i: number, count: number): string => (count === 1 ? name : `${name}_${i}`);
