import { kernels } from "../00-runtime/index.ts";
import { copyInto, multiplyInto, type Tensor } from "../01-tensor/index.ts";
import { linear } from "../03-layers/index.ts";
import { type CellOptions, RecurrentCell } from "./cell.ts";
import * as reference from "./gru.reference.ts";
import * as split from "./gru.split.ts";
import { RecurrentLayers, type RecurrentOptions } from "./layers.ts";
import { type Course, Recurrence, type States, type Step, type StepBack } from "./recurrence.ts";
import { at } from "./views.ts";

const kernel = kernels(reference, split);

/**
 * A GRU layer over sequences. Blocks of the weights: r z n.
 *
 *   r, z = σ(W·xₜ + b + R·hₜ₋₁ + b′), n = tanh(W·xₜ + b + r·(R·hₜ₋₁ + b′))
 *   hₜ = (1 − z)·n + z·hₜ₋₁
 *
 * The gate r is applied after the product with R, as in PyTorch and cuDNN; the paper applies it before.
 *
 * Cost      6·T·B·H·(in + H) flops; keeps gates, R·h + b′ of n, and h: 5·T·B·H numbers
 * ONNX      GRU with linear_before_reset
 * Source    Cho et al. 2014, Learning phrase representations using RNN encoder–decoder
 */
export class GruSequence extends Recurrence {
  readonly blocks = 3;
  readonly states = 1;
  protected override readonly direct = 1;
  /** R·h + b′ of one step, and its last block of every step. */
  #hidden!: Tensor;
  #candidates!: Tensor;
  protected biasOf(input: Tensor): Tensor {
    return input;
  }
  protected override prepare(x: Tensor, T: number, B: number, H: number): void {
    [this.#hidden, this.#candidates] = [x.newEmpty([B, 3 * H]), x.newEmpty([T, B, H])];
  }
  protected step({ t, gates, before: [h], after: [next] }: Step, R: Tensor, bias: Tensor): void {
    copyInto(bias, this.#hidden);
    multiplyInto(h, R, this.#hidden, [], 1);
    kernel.gruStep(gates, this.#hidden, h, at(this.#candidates, t), next, h.shape[0], h.shape[1]);
  }
  protected override roomToHidden(toInput: Tensor): Tensor {
    return toInput.newEmpty(toInput.shape);
  }
  protected stepBack({ t, gates, before: [h], g, dAfter, dBefore, toInput, toHidden }: StepBack): void {
    const [[dh], q] = [dAfter, at(this.#candidates, t)];
    kernel.gruGrad(gates, q, h, g, dh, toInput, toHidden, dBefore[0], h.shape[0], h.shape[1]);
  }
  protected composedStep(gates: Tensor, [h]: States, R: Tensor, bias: Tensor): States {
    const [x, hidden] = [gates.chunk(3, 1), linear(h, R, bias).chunk(3, 1)]; // [B, H] each
    const [r, z] = [0, 1].map((k) => x[k].add(hidden[k]).sigmoid());
    const n = x[2].add(r.mul(hidden[2])).tanh();
    return [n.add(z.mul(h.sub(n)))];
  }
  onnxCell() {
    return { op: "GRU", attributes: { linear_before_reset: 1 }, order: [1, 0, 2] }; // z r h
  }
}

/**
 * A gated recurrent unit: an LSTM's memory with one vector and three gates.
 *
 *   hₜ = (1 − z)·n + z·hₜ₋₁, n = tanh(W·xₜ + b + r·(R·hₜ₋₁ + b′)); r, z = σ(…) of W·xₜ + b + R·hₜ₋₁ + b′
 *
 * What all its kind share (shapes, layers, directions, lengths) stands at `RecurrentLayers`.
 */
export class GRU extends RecurrentLayers {
  constructor(inputSize: number, hiddenSize: number, options: RecurrentOptions = {}) {
    super(inputSize, hiddenSize, { blocks: 3, states: 1 }, options);
  }

  protected sequence(course: Course): Recurrence {
    return new GruSequence(course);
  }
}

/**
 * One step of a GRU.
 *
 * Shapes    x [B, in], h [B, H] → h′ [B, H]
 */
export class GRUCell extends RecurrentCell {
  constructor(inputSize: number, hiddenSize: number, options: CellOptions = {}) {
    super(inputSize, hiddenSize, { blocks: 3, states: 1 }, options);
  }

  protected sequence(course: Course): Recurrence {
    return new GruSequence(course);
  }
}
