import { checked, ShapeError, show } from "../00-runtime/index.ts";
import { cat, type Shape, stack, type Tensor, widened } from "../01-tensor/index.ts";
import { Dropout, type init, Module, type Parameter } from "../03-layers/index.ts";
import { checkedLengths, checkedState, checkInput, checkOptions, checkSizes } from "./checks.ts";
import type { Course, Recurrence } from "./recurrence.ts";
import { applied, type Sequences } from "./sequence.ts";
import { drawWeights, type Kind, type Weights } from "./weights.ts";

export interface RecurrentOptions extends init.Draw {
  /** Layers on top of each other: each reads the outputs of the one below. */
  readonly numLayers?: number;
  readonly bias?: boolean;
  /** x is [B, T, in] and the outputs [B, T, D·H], instead of [T, B, …]; states stay as they are. */
  readonly batchFirst?: boolean;
  /** Silences so large a share of the outputs of every layer but the last, while training. */
  readonly dropout?: number;
  /** A second set of weights reads the sequences backwards; outputs and states of both stand side by side. */
  readonly bidirectional?: boolean;
}

const KNOWN = ["numLayers", "bias", "batchFirst", "dropout", "bidirectional", "random"];

/** What goes into a recurrent network beside the sequences: first states and lengths. */
export interface RecurrentInputs {
  /** h, or [h, c] of an LSTM, each [L·D, B, H]; 0 unless given. */
  readonly state?: Tensor | readonly Tensor[];
  /**
   * How long each sequence is; the rest of its steps is ignored. Outputs there are 0, and its final states are those after its
   * own last step, in the other direction after its first.
   */
  readonly lengths?: Tensor | readonly number[];
}

/** Outputs of the last layer at every step, and all final states: [h], of an LSTM [h, c]. */
export interface Recurred {
  readonly output: Tensor;
  readonly state: Tensor[];
}

/**
 * What RNN, LSTM and GRU have in common: L layers, D directions, sequences of unequal length.
 *
 * Shapes    x [T, B, in] → output [T, B, D·H], states [L·D, B, H] each: first layer forward, backward, second layer …;
 *           with batchFirst [B, T, …]; a single sequence has no dim B
 * Names     of parameters as in PyTorch: weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0, weight_ih_l0_reverse, …
 * Start     all uniform in ±1/√H, as in PyTorch
 * Throws    ShapeError for another rank or width of x, another shape of states or lengths; RangeError for lengths outside
 *           1 … T, and settings that make no sense; TypeError for unknown options
 */
export abstract class RecurrentLayers extends Module {
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly numLayers: number;
  readonly batchFirst: boolean;
  readonly bidirectional: boolean;
  readonly dropout: Dropout | null;
  readonly [parameter: `${"weight" | "bias"}_${string}`]: Parameter;
  readonly #kind: Kind;

  constructor(inputSize: number, hiddenSize: number, kind: Kind, options: RecurrentOptions) {
    const {
      numLayers = 1,
      bias = true,
      batchFirst = false,
      dropout = 0,
      bidirectional = false,
      random,
      ...unknown
    } = checked(new.target.name, options, [
      "random",
      "numLayers",
      "bias",
      "batchFirst",
      "dropout",
      "bidirectional",
    ]);
    super();
    const { name } = new.target;
    checkSizes(name, inputSize, hiddenSize);
    checkOptions(name, unknown, KNOWN);
    if (!(Number.isInteger(numLayers) && numLayers >= 1))
      throw new RangeError(`${name}: numLayers = ${numLayers} — a whole number, 1 or more`);
    if (!(dropout >= 0 && dropout < 1))
      throw new RangeError(`${name}: dropout = ${dropout} — a probability from 0 to below 1`);
    if (dropout > 0 && numLayers === 1)
      throw new RangeError(
        `${name}: dropout = ${dropout} with one layer — it stands between layers; use numLayers ≥ 2, or new Dropout(${dropout}) after it`,
      );
    [this.inputSize, this.hiddenSize, this.#kind] = [inputSize, hiddenSize, kind];
    [this.numLayers, this.batchFirst, this.bidirectional] = [numLayers, batchFirst, bidirectional];
    const draw = random ? { random } : {};
    this.dropout = dropout > 0 ? new Dropout(dropout, draw) : null;
    for (const [layer, suffix] of this.#suffixes()) {
      const width = layer === 0 ? inputSize : hiddenSize * this.#directions;
      const drawn = drawWeights(width, hiddenSize, kind, bias, draw);
      for (const [part, value] of Object.entries(drawn))
        if (value) Object.assign(this, { [`${part}_${suffix}`]: value });
    }
  }

  protected abstract sequence(course: Course): Recurrence;

  /** The outputs at every step. Initial states are 0 unless given: h, and for an LSTM c. */
  override forward(x: Tensor, ...state: Tensor[]): Tensor {
    return this.#run(x, { state }, false).output;
  }

  /** Outputs and final states, from given initial states, of sequences that may end early. */
  run(x: Tensor, options: RecurrentInputs = {}): Recurred {
    checkOptions(`${this.constructor.name}.run`, options, ["state", "lengths"]);
    return this.#run(x, options, true);
  }

  #run(x: Tensor, { state, lengths }: RecurrentInputs, final: boolean): Recurred {
    const call = `${this.constructor.name}(${this.inputSize} → ${this.hiddenSize})`;
    x = widened(x); // errors of many steps would add up
    this.#checkInput(call, x);
    const single = x.rank === 2;
    const batch = single ? x.unsqueeze(1) : this.batchFirst ? x.transpose(0, 1) : x; // [T, B, in]
    const [T, B] = batch.shape;
    if (T === 0)
      throw new ShapeError(`${call}: input ${show(x.shape)} has no steps — at least one is needed`);
    const shape: Shape = [this.numLayers * this.#directions, ...(single ? [] : [B]), this.hiddenSize];
    const states = checkedState(call, state, this.#kind.states, shape, x);
    const run = this.#through(
      batch,
      single ? states.map((one) => one.unsqueeze(1)) : states,
      lengths === undefined ? null : checkedLengths(call, lengths, B, T),
      final,
    );
    if (single) return { output: run.output.squeeze(1), state: run.state.map((one) => one.squeeze(1)) };
    return this.batchFirst ? { ...run, output: run.output.transpose(0, 1) } : run;
  }

  #through(x: Tensor, states: readonly Tensor[], lengths: Tensor | null, final: boolean): Recurred {
    const ends: Tensor[][] = [];
    let output = x;
    for (let layer = 0; layer < this.numLayers; layer++) {
      if (layer > 0 && this.dropout) output = this.dropout.forward(output);
      const read = output;
      const both = Array.from({ length: this.#directions }, (_, d) => {
        const own = states.map((state) => state.select(0, layer * this.#directions + d));
        const y = this.#oneWay(read, layer, { states: own, lengths, reverse: d === 1, final });
        if (final)
          ends.push(this.#kind.states === 1 ? [y.select(0, -1)] : [y.select(0, -2), y.select(0, -1)]);
        return final ? y.narrow(0, 0, x.shape[0]) : y;
      });
      output = both.length === 1 ? both[0] : cat(both, 2); // [T, B, D·H]
    }
    const state = final ? ends[0].map((_, s) => stack(ends.map((end) => end[s]))) : []; // [L·D, B, H]
    return { output, state };
  }

  #oneWay(x: Tensor, layer: number, sequences: Sequences): Tensor {
    const suffix = `l${layer}${sequences.reverse ? "_reverse" : ""}`;
    const weights: Weights = {
      weight_ih: this[`weight_ih_${suffix}`],
      weight_hh: this[`weight_hh_${suffix}`],
      bias_ih: this[`bias_ih_${suffix}`] ?? null,
      bias_hh: this[`bias_hh_${suffix}`] ?? null,
    };
    return applied((course) => this.sequence(course), x, weights, sequences);
  }

  get #directions(): 1 | 2 {
    return this.bidirectional ? 2 : 1;
  }

  #suffixes(): [layer: number, suffix: string][] {
    return Array.from({ length: this.numLayers }, (_, layer) => layer).flatMap((layer) =>
      ["", "_reverse"].slice(0, this.#directions).map((end): [number, string] => [layer, `l${layer}${end}`]),
    );
  }

  #checkInput(call: string, x: Tensor): void {
    const said = this.batchFirst ? `[B, T, ${this.inputSize}]` : `[T, B, ${this.inputSize}]`;
    checkInput(call, x, [2, 3], `${said} or [T, ${this.inputSize}]`, this.inputSize, this.weight_ih_l0);
  }

  protected override describe(): string {
    const { numLayers, batchFirst, bidirectional, dropout } = this;
    const settings = [
      numLayers > 1 ? `numLayers: ${numLayers}` : "",
      "bias_ih_l0" in this ? "" : "bias: false",
      batchFirst ? "batchFirst" : "",
      dropout ? `dropout: ${dropout.p}` : "",
      bidirectional ? "bidirectional" : "",
    ];
    return [`${this.inputSize} → ${this.hiddenSize}`, ...settings.filter((text) => text !== "")].join(", ");
  }
}
