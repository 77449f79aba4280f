import { checked, defaultRandom, type Random } from "../00-runtime/index.ts";
import type { Tensor } from "../01-tensor/index.ts";
import { gelu, relu, reluSquared, silu } from "../02-activations/index.ts";
import { Dropout, Linear, Module } from "../03-layers/index.ts";

/** What stands between the two lines; "swiglu" takes a third line, whose output is the gate. */
export const ACTIVATIONS = {
  relu,
  gelu: (x: Tensor) => gelu(x),
  /** The approximation of GPT-2. */
  geluTanh: (x: Tensor) => gelu(x, { approximate: "tanh" }),
  reluSquared,
  swiglu: silu,
} as const;

/** What stands between the two products of a feed-forward block. */
export type FeedForwardActivation = keyof typeof ACTIVATIONS;

/** Options of `FeedForward`. */
export interface FeedForwardOptions {
  readonly activation?: FeedForwardActivation;
  readonly bias?: boolean;
  /** Of the numbers between the lines. */
  readonly mlpDropout?: number;
  readonly random?: Random;
}

/**
 * Two lines with an activation between them: every position by itself.
 *
 *   y = down(f(up(x))), or with "swiglu": y = down(silu(gate(x))·up(x))
 *
 * Shapes    x [..., embedDim] → the same; hidden numbers per position in between
 * Memory    2·embedDim·hidden parameters, 3·embedDim·hidden with a gate
 * Source    Vaswani et al. 2017; Shazeer 2020, GLU variants improve transformer; So et al. 2021 (ReLU²)
 */
export class FeedForward extends Module {
  readonly activation: FeedForwardActivation;
  readonly gate: Linear | null;
  readonly up: Linear;
  readonly down: Linear;
  readonly dropout: Dropout;

  constructor(embedDim: number, hidden: number, given: FeedForwardOptions = {}) {
    const {
      activation = "gelu",
      mlpDropout = 0,
      bias = true,
      random = defaultRandom,
    } = checked("FeedForward", given, ["activation", "bias", "mlpDropout", "random"]);
    super();
    if (!Object.hasOwn(ACTIVATIONS, activation)) {
      const known = Object.keys(ACTIVATIONS).join(", ");
      throw new RangeError(`FeedForward: activation ${JSON.stringify(activation)} — one of ${known}`);
    }
    this.activation = activation;
    const options = { bias, random };
    this.gate = activation === "swiglu" ? new Linear(embedDim, hidden, options) : null;
    this.up = new Linear(embedDim, hidden, options);
    this.down = new Linear(hidden, embedDim, options);
    this.dropout = new Dropout(mlpDropout, { random });
  }

  override forward(x: Tensor): Tensor {
    const f = ACTIVATIONS[this.activation];
    const up = this.up.forward(x);
    const inside = this.gate ? f(this.gate.forward(x)).mul(up) : f(up);
    return this.down.forward(this.dropout.forward(inside));
  }

  protected override describe(): string {
    return this.activation;
  }
}
