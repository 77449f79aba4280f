import fc from "fast-check";
import { cat, type Tensor } from "tensorgrad";
import { tensors as ops } from "tensorgrad/functions";
import type { Example } from "../gradients/evaluate.ts";
import { overDim } from "./01-reductions.ts";
import { tensors } from "./arbitraries.ts";
import { type Case, chosen, exact, free, reduction, type Setting, typed } from "./case.ts";
import { anywhere, bits, distinct, indicesBelow } from "./domains.ts";
import { dimOf, shapes } from "./shapes.ts";

const linear = { linear: "jointly" } as const;
const moves = { linear: "jointly", onnx: exact } as const;
const filled = { domain: anywhere, minRank: 1, minSize: 1 } as const;
const ordered = { domain: distinct, minRank: 1, minSize: 1 } as const;

// ————————————————————————————————————————————————————————————————————————————————————— order, running sums, padding

/** A dim and a direction. */
const directed = (run: (x: Tensor, dim: number, up: boolean) => Tensor) => (shape: readonly number[]) =>
  fc
    .tuple(dimOf(shape.length), fc.boolean())
    .map(([dim, up]): Setting => ({ options: typed({ dim, up }), run: (x) => run(x, dim, up) }));

/** One element more at every end of the last two dims, in every mode. */
const padded = (shape: readonly number[]) =>
  fc
    .tuple(
      fc.constantFrom("constant", "reflect", "replicate", "circular" as const),
      fc.array(fc.nat(1), PAIR),
    )
    .map(([mode, ends]): Setting => {
      const padding = ends.slice(0, 2 * Math.min(2, shape.length));
      return { options: typed({ padding, mode }), run: (x) => x.pad(padding, { mode }) };
    });
const PAIR = { minLength: 4, maxLength: 4 };

/** Negative padding takes elements away. */
const cropped = () =>
  fc.constant({ options: "([-1, 2], { value: 7 })", run: (x: Tensor) => x.pad([-1, 2], { value: 7 }) });

/** A new dim in front, and every other one doubled. */
const repeated = (shape: readonly number[]) => {
  const times = [2, ...shape.map((_, i) => 1 + (i % 2))];
  return fc.constant({ options: typed({ times }), run: (x: Tensor) => x.repeat(times) });
};

const diagonal = (part: "tril" | "triu") => () =>
  fc
    .integer({ min: -2, max: 2 })
    .map((k): Setting => ({ options: typed({ diagonal: k }), run: (x) => x[part](k) }));

const ranked = { domain: anywhere, minRank: 1 };
const long = { domain: anywhere, minRank: 1, minSize: 2 };
const short = { domain: anywhere, maxElements: 12 };
const matrices = { domain: anywhere, minRank: 2 };
const sums = { linear: "jointly", onnx: reduction } as const;
const choice = { onnx: exact } as const;
const noGradient = { order: 0, onnx: exact } as const;
const sorted = directed((x, dim, up) => x.sort(dim, { descending: !up }).values);
const best = directed((x, dim, largest) => x.topk(1, dim, { largest }).values);

export const copies: Case[] = [
  overDim("cumsum", ranked, [ops.CumSum], (x, dim) => x.cumsum(dim), sums),
  overDim("flip", ranked, [ops.Flip], (x, dim) => x.flip(dim), moves),
  chosen("pad", long, [ops.Pad], padded, moves),
  chosen("pad with a value, or negative", filled, [ops.Pad], cropped, choice),
  chosen("repeat", short, [], repeated, moves),
  overDim("split", ranked, [], (x, dim) => cat([...x.split(2, dim)].reverse(), dim), moves),
  chosen("tril", matrices, [ops.Tril], diagonal("tril"), moves),
  chosen("triu", matrices, [ops.Triu], diagonal("triu"), moves),
  chosen("sort", ordered, [ops.ArgSort, ops.Gather], sorted, choice),
  chosen("topk", ordered, [ops.ArgSort], best, choice),
  overDim("argsort", ordered, [ops.ArgSort], (x, dim) => x.argsort(dim), noGradient),
];

// ————————————————————————————————————————————————————————————————————————————————————————————————————————— by index

interface Indexed {
  readonly shape: readonly number[];
  /** Counted from the front. */
  readonly dim: number;
  readonly count: number;
}

/** A shape without empty dims, one of its dims, and how many positions along it are asked for. */
const indexed: fc.Arbitrary<Indexed> = shapes(filled).chain((shape) =>
  fc.record({
    shape: fc.constant(shape),
    dim: fc.nat(shape.length - 1),
    count: fc.integer({ min: 0, max: 4 }),
  }),
);

const indices = (shape: readonly number[], below: number) => tensors({ shape, domain: indicesBelow(below) });

function selecting(run: (x: Tensor, dim: number, index: Tensor) => Tensor): fc.Arbitrary<Example> {
  return indexed.chain(({ shape, dim, count }) =>
    fc.tuple(tensors({ shape }), indices([count], shape[dim])).map(
      (inputs): Example => ({
        inputs,
        options: typed({ dim }),
        symmetries: [{ inputs: [null, 0], output: dim }],
        run: (x, index) => run(x, dim, index),
      }),
    ),
  );
}

type Adding = (x: Tensor, dim: number, index: Tensor, source: Tensor) => Tensor;

/** The index of `gather` and `scatterAdd` has the tensor's rank; that of `indexAdd` is a list. */
function adding(run: Adding, listed: boolean): fc.Arbitrary<Example> {
  return indexed.chain(({ shape, dim, count }) => {
    const part = shape.with(dim, count);
    return fc
      .tuple(tensors({ shape }), indices(listed ? [count] : part, shape[dim]), tensors({ shape: part }))
      .map(
        (inputs): Example => ({
          inputs,
          options: typed({ dim }),
          symmetries: [{ inputs: [null, listed ? 0 : dim, dim], output: null }],
          run: (x, index, source) => run(x, dim, index, source),
        }),
      );
  });
}

const gathering = indexed.chain(({ shape, dim, count }) =>
  fc
    .tuple(tensors({ shape }), indices(shape.with(dim, count), shape[dim]))
    .map((inputs): Example => ({ inputs, options: typed({ dim }), run: (x, index) => x.gather(dim, index) })),
);

const masking = shapes().chain((shape) =>
  fc
    .tuple(tensors({ shape }), tensors({ shape, domain: bits }))
    .map((inputs): Example => ({ inputs, run: (x, mask) => x.maskedFill(mask, 0.5) })),
);

const selected = selecting((x, dim, index) => x.indexSelect(dim, index));
const added = adding((x, dim, index, source) => x.indexAdd(dim, index, source), true);
const scattered = adding((x, dim, index, source) => x.scatterAdd(dim, index, source), false);

export const indexing: Case[] = [
  free("indexSelect", ["x", "index"], [ops.IndexSelect], selected, moves),
  free("indexAdd", ["x", "index", "source"], [ops.IndexAdd], added, linear),
  free("gather", ["x", "index"], [ops.Gather], gathering, moves),
  free("scatterAdd", ["x", "index", "source"], [ops.ScatterAdd], scattered, linear),
  free("maskedFill", ["x", "mask"], [], masking, choice),
];
