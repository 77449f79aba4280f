import { checked, kernels } from "../00-runtime/index.ts";
import { multiplyInto, type Tensor } from "../01-tensor/index.ts";
import { linear } from "../03-layers/index.ts";
import { type CellOptions, RecurrentCell } from "./cell.ts";
import { RecurrentLayers, type RecurrentOptions } from "./layers.ts";
import { type Course, Recurrence, type States, type Step, type StepBack } from "./recurrence.ts";
import * as reference from "./rnn.reference.ts";
import * as split from "./rnn.split.ts";

const kernel = kernels(reference, split);

/** The activation of a plain recurrent cell. */
export type Nonlinearity = "tanh" | "relu";

/**
 * A plain recurrent layer over sequences.
 *
 *   hₜ = tanh(W·xₜ + R·hₜ₋₁ + b), or max(…, 0)
 *
 * Gradient  dzₜ = (gₜ + Rᵀ·dzₜ₊₁)·(1 − hₜ²), from the last step to the first; x: Wᵀ·dz; W: Σ dz·xᵀ; R: Σ dzₜ·hₜ₋₁ᵀ; b: Σ dz
 * Cost      2·T·B·H·(in + H) flops; keeps the outputs
 * ONNX      RNN
 * Source    Elman 1990, Finding structure in time
 */
export class RnnSequence extends Recurrence {
  readonly blocks = 1;
  readonly states = 1;
  readonly nonlinearity: Nonlinearity;
  constructor(course: Course, nonlinearity: Nonlinearity = "tanh") {
    super(course);
    this.nonlinearity = nonlinearity;
  }
  protected biasOf(input: Tensor, hidden: Tensor): Tensor {
    return input.add(hidden);
  }
  protected step({ gates, before, after }: Step, R: Tensor): void {
    multiplyInto(before[0], R, gates, [], 1);
    const run = this.nonlinearity === "tanh" ? kernel.rnnTanh : kernel.rnnRelu;
    run(gates, after[0], gates.size);
  }
  protected stepBack({ after, g, dAfter, toInput }: StepBack): void {
    const run = this.nonlinearity === "tanh" ? kernel.rnnTanhGrad : kernel.rnnReluGrad;
    run(after[0], g, dAfter[0], toInput, g.size);
  }
  protected composedStep(gates: Tensor, [h]: States, R: Tensor, bias: Tensor): States {
    const z = gates.add(linear(h, R, bias));
    return [this.nonlinearity === "tanh" ? z.tanh() : z.relu()];
  }
  onnxCell() {
    const relu = { activations: ["Relu"] };
    return { op: "RNN", attributes: this.nonlinearity === "tanh" ? {} : relu, order: [0] };
  }
  override signature(): ArrayLike<number> | null {
    return this.nonlinearity === "relu" ? Array.from(this.hidden.data, (h) => (h > 0 ? 1 : 0)) : null;
  }
}

export interface RnnOptions extends RecurrentOptions {
  readonly nonlinearity?: Nonlinearity;
}

/**
 * A recurrent network: each output depends on all inputs so far, through one vector h that every step passes on.
 *
 *   hₜ = tanh(W·xₜ + b + R·hₜ₋₁ + b′)
 *
 * What all its kind share (shapes, layers, directions, lengths) stands at `RecurrentLayers`.
 */
export class RNN extends RecurrentLayers {
  readonly nonlinearity: Nonlinearity;

  constructor(inputSize: number, hiddenSize: number, given: RnnOptions = {}) {
    const { nonlinearity = "tanh", ...options } = checked("RNN", given, [
      "random",
      "numLayers",
      "bias",
      "batchFirst",
      "dropout",
      "bidirectional",
      "nonlinearity",
    ]);
    super(inputSize, hiddenSize, { blocks: 1, states: 1 }, options);
    this.nonlinearity = checkedNonlinearity("RNN", nonlinearity);
  }

  protected sequence(course: Course): Recurrence {
    return new RnnSequence(course, this.nonlinearity);
  }
}

/**
 * One step of an RNN.
 *
 *   h′ = tanh(W·x + b + R·h + b′)
 *
 * Shapes    x [B, in], h [B, H] → h′ [B, H]
 */
export class RNNCell extends RecurrentCell {
  readonly nonlinearity: Nonlinearity;

  constructor(
    inputSize: number,
    hiddenSize: number,
    given: CellOptions & Pick<RnnOptions, "nonlinearity"> = {},
  ) {
    const { nonlinearity = "tanh", ...options } = checked("RNNCell", given, [
      "random",
      "bias",
      "nonlinearity",
    ]);
    super(inputSize, hiddenSize, { blocks: 1, states: 1 }, options);
    this.nonlinearity = checkedNonlinearity("RNNCell", nonlinearity);
  }

  protected sequence(course: Course): Recurrence {
    return new RnnSequence(course, this.nonlinearity);
  }
}

function checkedNonlinearity(call: string, nonlinearity: Nonlinearity): Nonlinearity {
  if (nonlinearity === "tanh" || nonlinearity === "relu") return nonlinearity;
  throw new RangeError(`${call}: nonlinearity = ${JSON.stringify(nonlinearity)} — "tanh" or "relu"`);
}
