import { can, checked, expectArgument, Random } from "../00-runtime/index.ts";
import { type Shape, type Tensor, withRecording } from "../01-tensor/index.ts";
import { isPlain, type Layer, Linear, type Module, replaceLayers, Sequential } from "../03-layers/index.ts";
import { Conv2d } from "../09-spatial/index.ts";
import { svd } from "./svd.ts";

/** Options of `lowRank`. */
export interface LowRankOptions {
  /** As many singular values as hold this share of the sum of their squares. */
  readonly energy?: number;
  /** Exactly as many, instead; no layer has more than it needs. */
  readonly rank?: number;
  /** By path, instead: what a report said of another model of this shape. Other layers stay as they are. */
  readonly ranks?: Readonly<Record<string, number>>;
  /** Which layers may be divided; default: all. */
  readonly only?: (path: string, layer: Linear | Conv2d) => boolean;
}

/** A layer that was divided in two. */
export interface Factored {
  readonly name: string;
  /** Of its weight before. */
  readonly shape: Shape;
  readonly rank: number;
  /** What is lost of the weight: ‖W − W′‖/‖W‖. */
  readonly error: number;
  /** Weights, without biases. */
  readonly before: number;
  readonly after: number;
}

/** Which layers became two smaller ones, and what that spared. */
export interface LowRankReport {
  readonly layers: readonly Factored[];
  /** For `lowRank(model, { ranks })` of a new model, which then can load what this one has saved. */
  readonly ranks: Readonly<Record<string, number>>;
}

/**
 * Replaces layers by two thinner ones whose product is the best approximation of their weight (Eckart & Young):
 *
 *   W [O, I] ≈ (U·√S) [O, r] · (√S·Vᵀ) [r, I];  ‖W − W′‖² = Σ of the squared singular values left out
 *
 * A Linear becomes Linear(I → r) and Linear(r → O), a Conv2d its r most useful filters and a convolution of 1×1 that mixes
 * them. A layer stays as it is where r·(O + I) would be no less than O·I. Parameters are new: make the optimizer afterwards.
 *
 * Throws    RangeError for an energy outside of (0, 1], a rank that is none, unknown paths in `ranks`, and where no layer
 *           would get smaller
 * Source    Eckart & Young 1936; Jaderberg, Vedaldi & Zisserman 2014; Zhang et al. 2016 (convolution, then 1×1)
 */
export function lowRank(model: Module, options: LowRankOptions = {}): LowRankReport {
  expectArgument(can(model, "modules"), "lowRank", "model", model, "a Module, such as new Sequential(…)");
  const {
    energy = 0.9,
    rank,
    ranks,
    only = () => true,
  } = checked("lowRank", options, ["energy", "rank", "ranks", "only"]);
  checkOptions(energy, rank);
  const layers: Factored[] = [];
  const divided = new Map<Layer, Layer>();
  for (const [path, layer] of model.modules()) {
    if (!isDivisible(layer) || path === "" || divided.has(layer) || !only(path, layer)) continue;
    if (ranks && !Object.hasOwn(ranks, path)) continue;
    const wanted = ranks?.[path] ?? rank;
    const { thin, factored } = divide(path, layer, wanted, energy);
    if (!ranks && factored.after >= factored.before) continue;
    divided.set(layer, thin);
    layers.push(factored);
  }
  const unknown = Object.keys(ranks ?? {}).filter((path) => layers.every(({ name }) => name !== path));
  if (unknown.length > 0)
    throw new RangeError(
      `lowRank: ranks of ${unknown.join(", ")} — ${model.constructor.name} has no Linear or Conv2d (without groups) of that name`,
    );
  if (layers.length === 0)
    throw new RangeError(
      `lowRank: nothing to divide in ${model.constructor.name} — no Linear or Conv2d inside it gets smaller at this rank; ` +
        "ask for less energy, or for a smaller rank",
    );
  replaceLayers(model, (layer) => divided.get(layer) ?? null);
  return { layers, ranks: Object.fromEntries(layers.map(({ name, rank }) => [name, rank])) };
}

const isDivisible = (layer: Layer): layer is Linear | Conv2d =>
  isPlain(layer, Linear) || (isPlain(layer, Conv2d) && layer.options.groups === 1);

function checkOptions(energy: number, rank: number | undefined): void {
  if (!(energy > 0 && energy <= 1))
    throw new RangeError(`lowRank: energy ${energy} — the share that is kept is above 0 and at most 1`);
  if (rank !== undefined && !(Number.isInteger(rank) && rank >= 1))
    throw new RangeError(`lowRank: rank ${rank} — a whole number from 1 on`);
}

function divide(name: string, layer: Linear | Conv2d, wanted: number | undefined, energy: number) {
  return withRecording("off", () => {
    const { shape } = layer.weight;
    const { u, s, v } = svd(layer.weight.detach().flatten(1)); // [O, k], [k], [I·K·L, k]
    const squares = Array.from(s.data, (value) => value ** 2);
    const rank = Math.min(wanted ?? rankOf(squares, energy), s.size);
    const root = s.narrow(0, 0, rank).sqrt();
    const first = v.narrow(1, 0, rank).mul(root).t(); // [r, I·K·L]
    const second = u.narrow(1, 0, rank).mul(root); // [O, r]
    const total = sum(squares);
    const error = total === 0 ? 0 : Math.sqrt(sum(squares.slice(rank)) / total);
    const after = first.size + second.size;
    const factored: Factored = { name, shape, rank, error, before: layer.weight.size, after };
    return { thin: pair(layer, first, second), factored };
  });
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** The fewest singular values with this share of the energy. */
function rankOf(squares: readonly number[], energy: number): number {
  const wanted = energy * sum(squares);
  let [rank, held] = [0, 0];
  while (rank < squares.length && held < wanted) held += squares[rank++];
  return Math.max(1, rank);
}

/** Two layers with these weights, the second with the bias. */
function pair(layer: Linear | Conv2d, first: Tensor, second: Tensor): Sequential {
  const [rank, outputs] = [first.shape[0], second.shape[0]];
  const [bias, random] = [layer.bias !== null, new Random(0)]; // drawn, and overwritten: nobody else's numbers change
  const [, inputs, ...kernel] = layer.weight.shape;
  const parts =
    layer instanceof Linear
      ? ([
          new Linear(inputs, rank, { bias: false, random }),
          new Linear(rank, outputs, { bias, random }),
        ] as const)
      : ([
          new Conv2d(inputs, rank, kernel as [number, number], {
            ...{ ...layer.options, paddingMode: layer.paddingMode, bias: false, random },
          }),
          new Conv2d(rank, outputs, 1, { bias, random }),
        ] as const);
  for (const part of parts) part.to(layer.weight.dtype);
  for (const [i, weight] of [first, second].entries())
    parts[i].weight.assign(weight.contiguous().reshape(parts[i].weight.shape));
  if (layer.bias) parts[1].bias?.assign(layer.bias);
  return new Sequential(...parts).train(layer.training);
}
