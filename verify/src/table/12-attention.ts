import fc from "fast-check";
import { Random, type Tensor, tensor, zeros } from "tensorgrad";
import { attention } from "tensorgrad/functions";
import * as nn from "tensorgrad/nn";
import { differs } from "../gradients/differs.ts";
import type { Example, Symmetry } from "../gradients/evaluate.ts";
import { inBackward, inMethod } from "../mutants/plant.ts";
import { attentionLoops, attentionSums } from "../references/attention-loops.ts";
import { normals, type Reference } from "../references/reference.ts";
import { free, typed, words } from "./builders.ts";
import type { Case } from "./case.ts";
import { tensors } from "./inputs/arbitraries.ts";
import { bits } from "./inputs/domains.ts";
import { dims } from "./inputs/shapes.ts";

const { Attention } = attention;
type Attention = InstanceType<typeof Attention>;

const sizes = dims({ minSize: 1, maxSize: 4 });
const few = fc.integer({ min: 1, max: 2 });
/** Sizes of q [B, Hk·G, T, D], k [B, Hk, S, D] and v [B, Hk, S, E]; T ≤ S, so that causal is defined. */
const problems = fc
  .record({ B: few, Hk: few, G: few, T: sizes, more: fc.integer({ min: 0, max: 3 }), D: sizes, E: sizes })
  .map(({ more, ...rest }) => ({ ...rest, S: rest.T + more }));
type Problem = typeof problems extends fc.Arbitrary<infer P> ? P : never;

const shapesOf = ({ B, Hk, G, T, S, D, E }: Problem) =>
  [
    [B, Hk * G, T, D],
    [B, Hk, S, D],
    [B, Hk, S, E],
  ] as const;

const SCALE = 0.5;

/** What any order of sequences, queries and keys does to the result. */
const orders: readonly Symmetry[] = [
  { inputs: [0, 0, 0], output: 0 },
  { inputs: [2, null, null], output: 2 },
  { inputs: [null, 2, 2], output: null },
  { inputs: [null, null, 3], output: 3 },
  { inputs: [3, 3, null], output: null },
];

/** With no mask, a causal one, one of bool for all heads, and numbers that hide some keys. */
const attending: fc.Arbitrary<Example> = fc
  .tuple(problems, fc.boolean(), fc.constantFrom("none", "bool", "numbers"), fc.nat(1000))
  .chain(([sizes, causal, kind, seed]) => {
    const mask = tensors({ shape: [sizes.T, sizes.S], domain: bits });
    const operands = shapesOf(sizes).map((shape) => tensors({ shape }));
    return fc.tuple(...operands, ...(kind === "bool" ? [mask] : [])).map(
      (inputs): Example => ({
        inputs,
        options: typed({ causal, mask: kind, scale: SCALE }),
        ...(kind === "none" && !causal ? { symmetries: orders } : {}),
        run: (q, k, v, seen) => {
          const numbers = kind === "numbers" ? hiding(seed, sizes).to(q.dtype) : null;
          return nn.scaledDotProductAttention(q, k, v, { mask: seen ?? numbers, causal, scale: SCALE });
        },
      }),
    );
  });

/** Numbers to add, −∞ in some places. */
const hiding = (seed: number, { B, T, S }: Problem): Tensor => {
  const numbers = normals(new Random(seed), [B, 1, T, S]);
  return numbers.gt(1).where(-Infinity, numbers);
};

/** Numbers to add that learn, and weights that are silenced: what holds all weights. */
const composed: fc.Arbitrary<Example> = fc
  .tuple(problems, fc.constantFrom(0, 0.5), fc.nat(1000))
  .chain(([sizes, dropoutP, seed]) =>
    fc
      .tuple(...shapesOf(sizes).map((shape) => tensors({ shape })), tensors({ shape: [sizes.T, sizes.S] }))
      .map(
        (inputs): Example => ({
          inputs,
          options: typed({ dropoutP }),
          run: (q, k, v, mask) =>
            nn.scaledDotProductAttention(q, k, v, { mask, scale: SCALE, dropoutP, random: new Random(seed) }),
        }),
      ),
  );

/** Head by head; causal with more keys than queries; masks, also one that hides everything from a query. */
const attends: Reference = (random) => {
  const [q, k, v] = [normals(random, [4, 3, 2]), normals(random, [2, 5, 2]), normals(random, [2, 5, 3])];
  const seen = tensor([
    [1, 0, 1, 1, 0],
    [0, 0, 0, 0, 0],
    [1, 1, 1, 1, 1],
  ]).to("bool");
  const byHeads = (sees: (i: number, j: number) => boolean) =>
    [0, 1, 2, 3].flatMap((h) =>
      attentionLoops(q.select(0, h), k.select(0, h >> 1), v.select(0, h >> 1), Math.SQRT1_2, sees),
    );
  const attend = nn.scaledDotProductAttention;
  return (
    differs(
      "attention",
      attend(q, k, v),
      byHeads(() => true),
    ) ??
    differs(
      "causal attention",
      attend(q, k, v, { causal: true }),
      byHeads((i, j) => j <= i + 2),
    ) ??
    differs(
      "masked attention",
      attend(q, k, v, { mask: seen }),
      byHeads((i, j) => seen.data[5 * i + j] === 1),
    )
  );
};

/** What a forward with these settings in place of its own gives; the operation keeps what it saved. */
const instead = (
  right: Attention["forward"],
  wrong: (operation: Attention, inputs: readonly Tensor[]) => Tensor,
): Attention["forward"] =>
  function (this: Attention, ...inputs) {
    right.apply(this, inputs);
    return wrong(this, inputs);
  };

/** softmax(scale·q·kᵀ), from its parts, for heads that share no keys. */
const weightsOf = (scale: number, q: Tensor, k: Tensor): Tensor =>
  nn.softmax(q.mul(scale).matmul(repeated(k, q).transpose(-2, -1)));

function repeated(x: Tensor, q: Tensor): Tensor {
  const [heads, shared] = [q.shape.at(-3) ?? 1, x.shape.at(-3) ?? 1];
  if (heads === shared) return x;
  const [lead, rest] = [x.shape.slice(0, -2), x.shape.slice(-2)];
  return x
    .unsqueeze(-3)
    .expand([...lead, heads / shared, ...rest])
    .reshape([...lead.slice(0, -1), heads, ...rest]);
}

/** Whether a query sees a key, by the operation's own settings; `ahead` positions more, or fewer. */
function seenBy({ causal }: Attention, [q, k, , mask]: readonly Tensor[], ahead = 0): Tensor {
  const [T, S] = [q.shape.at(-2) as number, k.shape.at(-2) as number];
  const all = zeros([T, S], { dtype: q.dtype }).eq(0);
  const past = causal
    ? all
        .to(q.dtype)
        .tril(S - T + ahead)
        .ne(0)
    : all;
  return mask?.dtype === "bool" ? past.logicalAnd(mask) : past;
}

export const title = "Attention";

export const rows: readonly Case[] = [
  free(
    "scaledDotProductAttention",
    words(
      "y = p·v, p = softmax(scale·q·kᵀ + mask)",
      "v: pᵀ·g; with ds = p·(g·vᵀ − Σ g·y): q: scale·ds·k; k: scale·dsᵀ·q, summed over the heads that share it",
    ),
    ["q", "k", "v", "mask"],
    [Attention],
    attending,
    {
      onnx: attentionSums,
      reference: attends,
      faults: [
        inMethod(
          "the mask comes after softmax",
          Attention.prototype,
          "forward",
          (right) =>
            instead(right, (operation, inputs) => {
              const [q, k, v] = inputs;
              return seenBy(operation, inputs)
                .where(weightsOf(operation.scale, q, k), 0)
                .matmul(repeated(v, q));
            }),
          "reference",
        ),
        inMethod(
          "the scale is missing",
          Attention.prototype,
          "forward",
          (right) =>
            instead(right, ({ causal }, inputs) => right.apply(new Attention(causal, 1), [...inputs])),
          "reference",
        ),
        inMethod(
          "a causal query sees one key too many",
          Attention.prototype,
          "forward",
          (right) =>
            instead(right, (operation, inputs) => {
              const [q, k, v] = inputs;
              const seen = seenBy(operation, inputs, 1);
              return right.apply(new Attention(false, operation.scale), [q, k, v, seen]);
            }),
          "reference",
        ),
        inBackward(
          "softmax taken for a product: Σ g·y forgotten",
          Attention,
          ({ g, gradients, inputs: [q, k, v], operation }) => {
            const { scale } = operation as Attention;
            const ds = weightsOf(scale, q, k).mul(g.matmul(repeated(v, q).transpose(-2, -1)));
            return [ds.matmul(repeated(k, q)).mul(scale), ...gradients.slice(1)];
          },
        ),
        inBackward(
          "the scale is missing in the gradient of q",
          Attention,
          ({ gradients: [dq, ...others], operation }) => [
            dq?.div((operation as Attention).scale) ?? null,
            ...others,
          ],
        ),
      ],
    },
  ),
  free(
    "attention that holds its weights",
    words("y = (p·silenced/(1 − P))·v, p = softmax(scale·q·kᵀ + mask)", "as above; mask: p·(dp − Σ p·dp)"),
    ["q", "k", "v", "mask"],
    [],
    composed,
    {
      onnx: {
        none: "dropout is drawn outside the graph; without it the same operations are compared in other rows",
      },
    },
  ),
];
