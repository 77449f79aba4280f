import fc from "fast-check";
import { randint, type Tensor, tensor } from "tensorgrad";
import * as nn from "tensorgrad/nn";
import { Random } from "tensorgrad/runtime";
import { differs } from "../gradients/differs.ts";
import type { Example } from "../gradients/evaluate.ts";
import { inMethod } from "../mutants/plant.ts";
import { attentionSums } from "../references/attention-loops.ts";
import { encoderLoops } from "../references/encoder-loops.ts";
import { normals, type Reference } from "../references/reference.ts";
import { free, frozen, reduction, typed, words } from "./builders.ts";
import type { Case } from "./case.ts";
import { tensors } from "./inputs/arbitraries.ts";
import { bits, distinct } from "./inputs/domains.ts";

const [WIDTH, VOCABULARY] = [8, 5];
const sizes = fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 3 }));

/** Norms are steep where all numbers of a row are near 0, or near each other. */
const domain = distinct;

/** A part whose parameters stay as they were drawn; what it is given is what is differentiated. */
function parts<const O extends Readonly<Record<string, string | number | boolean>>>(
  variants: readonly O[],
  make: (options: O, random: Random) => nn.Module,
): fc.Arbitrary<Example> {
  const drawn = fc.tuple(sizes, fc.nat(1000), fc.constantFrom(...variants));
  return drawn.chain(([[B, T], seed, options]) =>
    tensors({ shape: [B, T, WIDTH], domain }).map((x): Example => {
      const model = frozen(() => make(options, new Random(seed)));
      return {
        inputs: [x],
        options: typed({ seed, ...options }),
        symmetries: [{ inputs: [0], output: 0 }],
        run: (x) => model(x.dtype).forward(x),
      };
    }),
  );
}

const rotary = () => new nn.RotaryEmbedding(WIDTH / 2);

/** A whole model; what is differentiated is its table of vectors, which is its head as well. */
const language = fc
  .tuple(sizes, fc.nat(1000), fc.constantFrom("learned", "rotary"))
  .chain(([[B, T], seed, positions]) =>
    tensors({ shape: [VOCABULARY, WIDTH], domain }).map((weight): Example => {
      const tiny = frozen(() => new nn.GPT({ ...TINY, positions, random: new Random(seed) }));
      return {
        inputs: [weight],
        options: typed({ seed, positions }),
        run: (weight) => {
          const model = tiny(weight.dtype);
          Object.assign(model.embedding, { weight });
          return model.forward(idsOf(B, T, seed));
        },
      };
    }),
  );

const TINY = { vocabSize: VOCABULARY, embedDim: WIDTH, numLayers: 1, numHeads: 2, maxSeqLen: 4 };

const idsOf = (B: number, T: number, seed: number): Tensor =>
  randint(0, VOCABULARY, [B, T], { random: new Random(seed) });

/** An encoder's block: x and which positions it may look at, norms at the start of the branches or behind the sums. */
const encoding = fc.tuple(sizes, fc.nat(1000), fc.boolean()).chain(([[B, T], seed, normFirst]) =>
  fc.tuple(tensors({ shape: [B, T, WIDTH], domain }), tensors({ shape: [B, 1, 1, T], domain: bits })).map(
    (inputs): Example => ({
      inputs,
      options: typed({ seed, normFirst }),
      symmetries: [
        { inputs: [0, 0], output: 0 },
        { inputs: [1, 3], output: 1 },
      ],
      run: (x, mask) => encoder({ normFirst, activation: "geluTanh", seed }).to(x.dtype).forward(x, mask),
    }),
  ),
);

const encoder = ({ seed, ...options }: nn.TransformerBlockOptions & { readonly seed: number }) =>
  new nn.TransformerBlock(WIDTH, 2, { causal: false, mlpRatio: 1.5, random: new Random(seed), ...options });

/** In plain loops: a position of four is hidden. */
const encodes: Reference = (random) => {
  for (const normFirst of [true, false]) {
    const block = encoder({ normFirst, activation: "relu", seed: 1 }).to("float64");
    for (const p of block.parameters()) p.assign(normals(random, p.shape));
    const x = normals(random, [4, WIDTH]);
    const y = block.forward(x.unsqueeze(0), tensor([1, 1, 0, 1]).to("bool"));
    const wrong = differs(
      `TransformerBlock, normFirst ${normFirst}`,
      y,
      encoderLoops(block, x.toArray() as number[][], (j) => j !== 2),
      1e-10,
    );
    if (wrong) return wrong;
  }
  return null;
};

export const title = "Models of transformers";

export const rows: readonly Case[] = [
  free(
    "FeedForward",
    words("y = down(f(up(x))); with a gate: down(silu(gate(x))·up(x))", "through both lines"),
    ["x"],
    [nn.FeedForward],
    parts(
      [{ activation: "geluTanh" }, { activation: "reluSquared" }, { activation: "swiglu" }],
      (options, random) => new nn.FeedForward(WIDTH, 12, { ...options, random }),
    ),
    { onnx: reduction },
  ),
  free(
    "SelfAttention",
    words("y = out(attention(q(x), k(x), v(x)))", "through queries, keys and values"),
    ["x"],
    [nn.SelfAttention],
    parts(
      [
        { numKvHeads: 2, qkNorm: false },
        { numKvHeads: 1, qkNorm: true },
      ],
      (options, random) => new nn.SelfAttention(WIDTH, 2, { ...options, rotary: rotary(), random }),
    ),
    { onnx: reduction },
  ),
  free(
    "TransformerBlock",
    words("h = x + attention(norm(x)); y = h + mlp(norm(h))", "g, and through both branches"),
    ["x"],
    [nn.TransformerBlock],
    parts(
      [{ norm: "layer" }, { norm: "rms" }],
      (options, random) => new nn.TransformerBlock(WIDTH, 2, { ...options, mlpRatio: 1.5, random }),
    ),
    {
      onnx: reduction,
      faults: [
        inMethod(
          "x does not pass beside the branches",
          nn.TransformerBlock.prototype,
          "forward",
          (original) =>
            function (this: nn.TransformerBlock, x: Tensor) {
              return original.call(this, x).sub(x.detach());
            },
        ),
      ],
    },
  ),
  free(
    "TransformerBlock that looks both ways",
    words("y = norm(h + mlp(h)), h = norm(x + attention(x)); or norms first", "g, and through both branches"),
    ["x", "mask"],
    [],
    encoding,
    {
      onnx: attentionSums,
      reference: encodes,
      faults: [
        inMethod(
          "what fills up is seen",
          nn.TransformerBlock.prototype,
          "forward",
          (original) =>
            function (this: nn.TransformerBlock, x: Tensor) {
              return original.call(this, x);
            },
          "reference",
        ),
        inMethod(
          "an encoder's block sees nothing that comes after",
          nn.SelfAttention.prototype,
          "forward",
          (original) =>
            function (this: nn.SelfAttention, x: Tensor, options) {
              return original.call(this, x, { ...options, causal: true });
            },
          "reference",
        ),
      ],
    },
  ),
  free(
    "GPT",
    words("logits = head(norm(blocks(embedding(ids))))", "through all blocks, to the table and the head"),
    ["embedding"],
    [nn.GPT],
    language,
    { onnx: reduction },
  ),
];
