import { kernels } from "../00-runtime/index.ts";
import { multiplyInto, type Tensor } from "../01-tensor/index.ts";
import { linear } from "../03-layers/index.ts";
import { type CellOptions, RecurrentCell } from "./cell.ts";
import { RecurrentLayers, type RecurrentOptions } from "./layers.ts";
import * as reference from "./lstm.reference.ts";
import * as split from "./lstm.split.ts";
import { type Course, Recurrence, type States, type Step, type StepBack } from "./recurrence.ts";

const kernel = kernels(reference, split);

/**
 * An LSTM layer over sequences. Blocks of the weights: i f g o.
 *
 *   i, f, o = σ(W·xₜ + R·hₜ₋₁ + b), g = tanh(W·xₜ + R·hₜ₋₁ + b), each with its own block
 *   cₜ = f·cₜ₋₁ + i·g, hₜ = o·tanh cₜ
 *
 * Gradient  of c: dcₜ = dcₜ₊₁·fₜ₊₁ + dhₜ·o·(1 − tanh² cₜ), which no weight multiplies: what one step remembers, all later ones see
 * Cost      8·T·B·H·(in + H) flops; keeps gates, c and h: 6·T·B·H numbers
 * ONNX      LSTM
 * Source    Hochreiter & Schmidhuber 1997; forget gate: Gers, Schmidhuber & Cummins 2000
 */
export class LstmSequence extends Recurrence {
  readonly blocks = 4;
  readonly states = 2;
  protected biasOf(input: Tensor, hidden: Tensor): Tensor {
    return input.add(hidden);
  }
  protected step({ gates, before: [h, c], after: [nextH, nextC] }: Step, R: Tensor): void {
    multiplyInto(h, R, gates, [], 1);
    kernel.lstmStep(gates, c, nextC, nextH, c.shape[0], c.shape[1]);
  }
  protected stepBack({ gates, before, after, g, dAfter, dBefore, toInput }: StepBack): void {
    const [[, c], [, next], [dh, dc]] = [before, after, dAfter];
    kernel.lstmGrad(gates, c, next, g, dh, dc, toInput, dBefore[1], c.shape[0], c.shape[1]);
  }
  protected composedStep(gates: Tensor, [h, c]: States, R: Tensor, bias: Tensor): States {
    const [i, f, g, o] = gates.add(linear(h, R, bias)).chunk(4, 1); // [B, H] each
    const next = f.sigmoid().mul(c).add(i.sigmoid().mul(g.tanh()));
    return [o.sigmoid().mul(next.tanh()), next];
  }
  onnxCell() {
    return { op: "LSTM", attributes: {}, order: [0, 3, 1, 2] }; // i o f c
  }
}

/**
 * Long short-term memory: beside h, every step passes on cells c that it only adds to, so that gradients reach far back.
 *
 *   cₜ = f·cₜ₋₁ + i·g, hₜ = o·tanh cₜ; i, f, o = σ(…), g = tanh(…) of W·xₜ + b + R·hₜ₋₁ + b′
 *
 * What all its kind share (shapes, layers, directions, lengths) stands at `RecurrentLayers`. States are [h, c].
 */
export class LSTM extends RecurrentLayers {
  constructor(inputSize: number, hiddenSize: number, options: RecurrentOptions = {}) {
    super(inputSize, hiddenSize, { blocks: 4, states: 2 }, options);
  }

  protected sequence(course: Course): Recurrence {
    return new LstmSequence(course);
  }
}

/**
 * One step of an LSTM.
 *
 * Shapes    x [B, in], h and c [B, H] → h′ [B, H], or both by `step`
 */
export class LSTMCell extends RecurrentCell {
  constructor(inputSize: number, hiddenSize: number, options: CellOptions = {}) {
    super(inputSize, hiddenSize, { blocks: 4, states: 2 }, options);
  }

  protected sequence(course: Course): Recurrence {
    return new LstmSequence(course);
  }
}
