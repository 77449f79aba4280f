import { can, checked, expectArgument } from "../../00-runtime/index.ts";
import type { Module } from "../../03-layers/index.ts";
import { GPT } from "../../13-transformers/index.ts";
import { checkSparsity } from "../checks.ts";
import { channelsOf } from "./channels.ts";
import type { Part, Parts } from "./part.ts";
import { transformerPartsOf } from "./transformers.ts";

/** Which units stay, by the name of their layer. */
export type Kept = Readonly<Record<string, readonly number[]>>;

/** Options of `structuredPrune`. */
export interface StructuredPruneOptions {
  /** The share of the channels and neurons that goes, of every layer. */
  readonly sparsity?: number;
  /** The share of the heads that goes, of every attention; default: as many. */
  readonly heads?: number;
  /** Paths of the layers that are pruned: convolutions, lines, attentions and feed-forward layers; default: all that can be. */
  readonly layers?: readonly string[];
  /** Exactly these stay, instead: what a report said of another model of this shape. */
  readonly kept?: Kept;
}

/** A layer before and after: its outputs, and which of them stayed. */
export interface PrunedLayer {
  readonly name: string;
  readonly kind: Part["kind"];
  readonly before: number;
  readonly after: number;
}

/** What was pruned of every layer, and how many parameters are left. */
export interface StructuredPruneReport {
  readonly layers: readonly PrunedLayer[];
  /** For `structuredPrune(model, { kept })` of a new model, which then can load what this one has saved. */
  readonly kept: Kept;
  /** Parameters of the model. */
  readonly parameters: { readonly before: number; readonly after: number };
}

/**
 * Removes the channels, neurons and heads that matter least, with everything that belongs to them: filters, norms, and the
 * columns of the layer that reads them. The model gets smaller, and faster.
 *
 * In Sequentials the channels of every convolution and the neurons of every line can leave that the next one alone reads; in
 * transformers the heads of attentions and the hidden numbers of feed-forward layers. What is added to something else
 * stays: its shape is the other's. Each layer loses the same share; at least one unit stays.
 *
 * Parameters are new tensors: make the optimizer (and masks) afterwards, and train on: much accuracy comes back.
 *
 * Throws    RangeError for shares outside of [0, 1), layers that cannot be pruned (with the reason), heads that would differ
 *           between the layers of a GPT, and where there is nothing to prune; then the model is as it was
 * Source    Li et al. 2017, Pruning filters for efficient convnets; Liu et al. 2017 (gains of norms); Michel, Levy & Neubig 2019 (heads)
 */
export function structuredPrune(model: Module, options: StructuredPruneOptions = {}): StructuredPruneReport {
  expectArgument(
    can(model, "modules"),
    "structuredPrune",
    "model",
    model,
    "a Module, such as new Sequential(…)",
  );
  const {
    sparsity = 0.5,
    heads = sparsity,
    layers,
    kept,
  } = checked("structuredPrune", options, ["sparsity", "heads", "layers", "kept"]);
  checkSparsity("structuredPrune", "sparsity", sparsity);
  checkSparsity("structuredPrune", "heads", heads);
  const found = partsOf(model);
  const names = kept ? Object.keys(kept) : layers;
  const parts = names ? names.map((name) => named(model, found, name)) : found.parts;
  if (parts.length === 0)
    throw new RangeError(
      `structuredPrune: nothing to prune in ${model.constructor.name} — no layer's outputs are read by the next one alone, as in a ` +
        "Sequential, and there are no heads",
    );
  const stays = new Map(
    parts.map((part) => [part, kept ? checkKept(part, kept[part.name]) : most(part, { sparsity, heads })]),
  );
  checkCaches(model, stays);
  const count = () => model.parameters().reduce((sum, { size }) => sum + size, 0);
  const before = count();
  const report = [...stays].map(([{ name, kind, size }, kept]) => ({
    name,
    kind,
    before: size,
    after: kept.length,
  }));
  for (const [part, kept] of stays) if (kept.length < part.size) part.cut(kept);
  for (const [, module] of model.modules()) if (module instanceof GPT) matchCache(module);
  return {
    layers: report,
    kept: Object.fromEntries([...stays].map(([{ name }, kept]) => [name, kept])),
    parameters: { before, after: count() },
  };
}

function partsOf(model: Module): Parts {
  const [lines, transformers] = [channelsOf(model), transformerPartsOf(model)];
  return {
    parts: [...lines.parts, ...transformers.parts],
    blocked: new Map([...lines.blocked, ...transformers.blocked]),
  };
}

function named(model: Module, { parts, blocked }: Parts, name: string): Part {
  const part = parts.find((part) => part.name === name);
  if (part) return part;
  const reason = blocked.get(name);
  const found = model.modules().find(([path]) => path === name)?.[1];
  const rest = `prune ${parts.length > 0 ? parts.map(({ name }) => `"${name}"`).join(", ") : "another model"}`;
  if (reason) throw new RangeError(`structuredPrune: layer "${name}" — ${reason}; ${rest}`);
  if (found)
    throw new RangeError(
      `structuredPrune: layer "${name}" is a ${found.constructor.name} — it has no channels, neurons or heads of its own; ${rest}`,
    );
  throw new RangeError(
    `structuredPrune: layer "${name}" — ${model.constructor.name} has none of that name; ${rest}`,
  );
}

/** The units that matter most, in their order. */
function most(
  part: Part,
  { sparsity, heads }: { readonly sparsity: number; readonly heads: number },
): number[] {
  const share = part.kind === "heads" ? heads : sparsity;
  const count = Math.max(1, part.size - Math.round(share * part.size));
  const scores = part.scores();
  const order = [...scores.keys()].sort((a, b) => scores[b] - scores[a]);
  return order.slice(0, count).sort((a, b) => a - b);
}

function checkKept({ name, kind, size }: Part, kept: readonly number[]): readonly number[] {
  const isUnit = (i: number, at: number) =>
    Number.isInteger(i) && i >= 0 && i < size && (at === 0 || i > kept[at - 1]);
  if (kept.length > 0 && kept.every(isUnit)) return kept;
  throw new RangeError(
    `structuredPrune: kept [${kept.join(", ")}] of "${name}" — some of its ${size} ${kind}, 0 to ${size - 1}, in rising order`,
  );
}

/** A cache has as many heads in every layer. */
function checkCaches(model: Module, stays: ReadonlyMap<Part, readonly number[]>): void {
  const after = new Map([...stays].map(([{ name }, kept]) => [name, kept.length]));
  for (const [path, module] of model.modules()) {
    if (!(module instanceof GPT)) continue;
    const counts = module.blocks.map(({ attention }, i) => {
      const name = `${path ? `${path}.` : ""}blocks.${i}.attention`;
      return [name, after.get(name) ?? attention.numKvHeads] as const;
    });
    const odd = counts.find(([, count]) => count !== counts[0][1]);
    if (odd)
      throw new RangeError(
        `structuredPrune: "${counts[0][0]}" keeps ${counts[0][1]} heads of keys, "${odd[0]}" ${odd[1]} — a cache has as many in ` +
          "every layer of a GPT; prune the attentions of all blocks, or none",
      );
  }
}

/** So that `KVCache.for` makes one that fits. */
const matchCache = (gpt: GPT): void =>
  void Object.assign(gpt, { numKvHeads: gpt.blocks[0].attention.numKvHeads });
