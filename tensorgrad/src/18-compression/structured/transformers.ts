import { isPlain, Linear, type Module } from "../../03-layers/index.ts";
import { MultiHeadAttention } from "../../12-attention/index.ts";
import { FeedForward, SelfAttention } from "../../13-transformers/index.ts";
import { ADDED, cutRows, lengths, type Part, type Parts, product, selected } from "./part.ts";

type Attention = SelfAttention | MultiHeadAttention;

/** The heads of attentions, and the neurons between the two lines of feed-forward layers. */
export function transformerPartsOf(model: Module): Parts {
  const found: Parts = { parts: [], blocked: new Map() };
  for (const [name, module] of model.modules()) {
    const add = (part: Part, out: string, inside: readonly string[]): void => {
      const lines = [...inside, out].map((line) => (module as unknown as Record<string, unknown>)[line]);
      // A line that was divided or quantized is no Linear any more.
      if (lines.some((line) => line && !isPlain(line as Linear, Linear))) return;
      found.parts.push(part);
      const path = (line: string) => (name ? `${name}.${line}` : line);
      for (const line of inside) found.blocked.set(path(line), `it belongs to "${name}"; name that instead`);
      found.blocked.set(path(out), ADDED);
    };
    if (isPlain(module, FeedForward)) add(new Neurons(name, module), "down", ["up", "gate"]);
    if (isPlain(module, SelfAttention) || isPlain(module, MultiHeadAttention))
      add(new Heads(name, module), "out", ["q", "k", "v"]);
  }
  return found;
}

/** Hidden numbers of a FeedForward: rows of `up` (and of the gate), columns of `down`. */
class Neurons implements Part {
  readonly kind = "neurons";
  readonly name: string;
  readonly #layer: FeedForward;

  constructor(name: string, layer: FeedForward) {
    [this.name, this.#layer] = [name, layer];
  }

  get size(): number {
    return this.#layer.up.weight.shape[0];
  }

  scores(): Float64Array {
    const { up, gate, down } = this.#layer;
    const said = product(lengths(up.weight, 0), ...(gate ? [lengths(gate.weight, 0)] : []));
    return product(said, lengths(down.weight, 1));
  }

  cut(kept: readonly number[]): void {
    const { up, gate, down } = this.#layer;
    cutRows(up, ["weight", "bias"], kept);
    if (gate) cutRows(gate, ["weight", "bias"], kept);
    Object.assign(down, { weight: selected(down.weight, 1, kept) });
  }
}

/** Heads of keys and values, each with the heads of queries that look through it. */
class Heads implements Part {
  readonly kind = "heads";
  readonly name: string;
  readonly #layer: Attention;

  constructor(name: string, layer: Attention) {
    [this.name, this.#layer] = [name, layer];
  }

  get size(): number {
    return this.#layer.numKvHeads;
  }

  /** How many query heads share one of keys. */
  get #shared(): number {
    return this.#layer.numHeads / this.size;
  }

  get #width(): number {
    return this.#layer.q.weight.shape[0] / this.#layer.numHeads;
  }

  scores(): Float64Array {
    const { v, out } = this.#layer;
    return product(lengths(v.weight, 0, this.#width), lengths(out.weight, 1, this.#width * this.#shared));
  }

  cut(kept: readonly number[]): void {
    const layer = this.#layer;
    const [width, shared] = [this.#width, this.#shared];
    for (const line of [layer.k, layer.v]) cutRows(line, ["weight", "bias"], kept, width);
    cutRows(layer.q, ["weight", "bias"], kept, width * shared);
    Object.assign(layer.out, { weight: selected(layer.out.weight, 1, kept, width * shared) });
    cutRows(layer, ["scale"], kept, shared);
    Object.assign(layer, { numHeads: kept.length * shared, numKvHeads: kept.length });
  }
}
