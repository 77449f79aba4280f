import fc from "fast-check";
import { grad } from "tensorgrad";
import { KVCache } from "tensorgrad/nn";
import { describe, expect, it } from "vitest";
import { distance } from "../../tests/gradients.fixture.ts";
import { Random } from "../00-runtime/index.ts";
import { fromArray, randn, type Tensor, tensor, zeros } from "../01-tensor/index.ts";
import { paddingMask } from "../12-attention/index.ts";

import { TransformerBlock, type TransformerBlockOptions } from "./index.ts";

const encoder = (options: TransformerBlockOptions = {}, seed = 1) =>
  new TransformerBlock(4, 2, { causal: false, random: new Random(seed), ...options });

describe("TransformerBlock as an encoder's", () => {
  for (const [name, { normFirst, y, dx, dBias }] of Object.entries(pytorch())) {
    it(`is PyTorch's TransformerEncoderLayer, key padding and gradients included: ${name}`, () => {
      const block = encoder({ activation: "relu", mlpRatio: 1.5, normFirst }).to("float64");
      block.loadStateDict(waves());
      const x = wave([2, 3, 4], 9);
      x.requiresGrad = true;
      const ids = tensor([[5, 6, 7], [5, 6, 0]], { dtype: "int32" }); // biome-ignore format: two sequences
      const result = block.forward(x, paddingMask(ids, 0));
      const g = Float64Array.from({ length: 24 }, (_, i) => Math.cos(0.3 * i));
      result.backward(fromArray(g, [2, 3, 4]));
      expect(off(result, y)).toBeLessThan(1e-9);
      expect(off(x.grad as Tensor, dx)).toBeLessThan(1e-9);
      expect(off(block.mlp.up.bias?.grad as Tensor, dBias)).toBeLessThan(1e-9);
    });
  }

  it("sees both ways, where a decoder's block sees what came before", () => {
    const x = randn([1, 5, 4], { random: new Random(2) });
    const changed = x.clone();
    changed.data.set([9], 4 * 4); // of the last position
    for (const causal of [false, true]) {
      const block = encoder({ causal });
      const [before, after] = [x, changed].map((x) => block.forward(x).narrow(1, 0, 4));
      expect(distance(before, after) === 0).toBe(causal);
    }
  });

  it("gives what is hidden no say: whatever fills up, the other positions stay as they are, to the bit", () => {
    const drawn = fc.record({
      seed: fc.nat(1000),
      real: fc.integer({ min: 1, max: 4 }),
      filler: fc.integer({ min: 1, max: 3 }),
      normFirst: fc.boolean(),
      norm: fc.constantFrom("layer", "rms"),
    });
    fc.assert(
      fc.property(drawn, ({ seed, real, filler, ...options }) => {
        const block = encoder(options, seed);
        const x = randn([1, real + filler, 4], { random: new Random(seed) });
        const other = x.clone();
        other.data.subarray(4 * real).fill(1e3);
        const mask = tensor(Array.from({ length: real + filler }, (_, i) => (i < real ? 1 : 0))).to("bool");
        const [a, b] = [x, other].map((x) => block.forward(x, mask).narrow(1, 0, real));
        expect(distance(a, b)).toBe(0);
        expect(distance(a, block.forward(x.narrow(1, 0, real)))).toBeLessThan(1e-5);
      }),
      { numRuns: 30 },
    );
  });

  it("knows no order: positions permuted are results permuted", () => {
    const order = tensor([3, 0, 2, 1], { dtype: "int32" });
    for (const normFirst of [true, false]) {
      const block = encoder({ normFirst });
      const x = randn([2, 4, 4], { random: new Random(3) });
      const [a, b] = [block.forward(x.indexSelect(1, order)), block.forward(x).indexSelect(1, order)];
      expect(distance(a, b)).toBeLessThan(1e-5);
    }
  });

  it("trains every parameter", () => {
    const block = encoder({ qkNorm: true, normFirst: false });
    const x = randn([2, 5, 4], { random: new Random(4) });
    const target = randn([2, 5, 4], { random: new Random(5) });
    const gradients = grad(block.forward(x).mul(target).sum(), block.parameters());
    const idle = block.namedParameters().filter((_, i) => gradients[i].abs().max().item() < 1e-9);
    expect(idle.map(([name]) => name)).toEqual([]);
  });

  it("silences in three places, and only while it trains", () => {
    const x = randn([2, 5, 4], { random: new Random(6) });
    for (const place of ["dropout", "attentionDropout", "mlpDropout"] as const) {
      const block = encoder({ [place]: 0.5 });
      expect(distance(block.forward(x), block.forward(x)), place).toBeGreaterThan(0);
      block.eval();
      expect(distance(block.forward(x), encoder().forward(x)), place).toBe(0);
    }
  });

  it("refuses a cache, a mask of another shape, and heads that do not divide the width", () => {
    const cache = new KVCache({ maxBatchSize: 1, maxSeqLen: 4, numLayers: 1, numKvHeads: 2, headDim: 2 });
    expect(() =>
      encoder().after({ past: cache, layer: 0 }, zeros([1, 1, 4])),
    ).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: SelfAttention: a cache, but causal: false — earlier positions would have to look at later ones; read the whole sequence]`,
    );
    expect(() => encoder().forward(zeros([2, 3, 4]), zeros([2, 2]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: scaledDotProductAttention: a mask of shape [2, 2] for scores [2, 2, 3, 3] — it must broadcast to [..., queries, keys]]`,
    );
    expect(() => new TransformerBlock(4, 3)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: MultiHeadAttention(4, 3): 3 heads for a width of 4 — each head gets an equal part: the width must be a multiple of the heads]`,
    );
  });
});

/** Parameters by formula: sin(0.7·i + k)/2, k other for each. */
function waves(): Record<string, Tensor> {
  const [C, hidden] = [4, 6];
  const line = (name: string, outputs: number, inputs: number, k: number) => ({
    [`${name}.weight`]: wave([outputs, inputs], k),
    [`${name}.bias`]: wave([outputs], k + 10),
  });
  const norm = (name: string, k: number) => ({
    [`${name}.weight`]: wave([C], k),
    [`${name}.bias`]: wave([C], k + 10),
  });
  return {
    ...line("attention.q", C, C, 1),
    ...line("attention.k", C, C, 2),
    ...line("attention.v", C, C, 3),
    ...line("attention.out", C, C, 4),
    ...line("mlp.up", hidden, C, 5),
    ...line("mlp.down", C, hidden, 6),
    ...norm("attentionNorm", 7),
    ...norm("mlpNorm", 8),
  };
}

function wave(shape: readonly number[], k: number): Tensor {
  const size = shape.reduce((product, n) => product * n, 1);
  return fromArray(
    Float64Array.from({ length: size }, (_, i) => Math.sin(0.7 * i + k) / 2),
    shape,
  );
}

const off = ({ data }: Tensor, expected: readonly number[]): number =>
  Math.max(...expected.map((value, i) => Math.abs(data[i] - value)));

/** What PyTorch 1.13 gives for these parameters: TransformerEncoderLayer(4, 2, 6, dropout=0), src_key_padding_mask. */
function pytorch() {
  return {
    "norm last, as in 2017": {
      normFirst: false,
      y: [
        -0.3975487675, 0.2091761491, 0.2414988439, 0.2226393221, -1.0300342336, -0.1023469799, 0.2604484111,
        0.0074112151, -0.4176257064, 0.2547404136, 0.2418021319, 0.2605662109, -0.8894864705, -0.1627250846,
        0.2572372773, -0.041733317, -0.560815858, 0.2970569486, 0.2435563078, 0.2542539544, -0.725145844,
        -0.0510499686, 0.2495779647, -0.0258530035,
      ],
      dx: [
        0.4699436451, -0.1298721921, 0.0698622965, -0.3179797907, 0.1248922469, -0.1161575675, -0.2204878246,
        0.1965600993, -0.336084782, 0.0922367795, -0.1015899413, 0.328100217, -0.3519553925, -0.0516217665,
        0.412519374, 0.0199165368, 0.0604685753, 0.0478581751, 0.1398367111, -0.2355929903, 0.7585176181,
        0.2937519132, -0.4662188478, -0.5784613561,
      ],
      dBias: [-0.6125859328, 0, 0.0389821855, 0, 0, 0],
    },
    "norm first": {
      normFirst: true,
      y: [
        -0.0796359493, 0.4130791269, -1.2026413162, -0.6025767508, -0.6732253018, 0.3494523641, -0.3031428795,
        0.3739795026, 0.1578805769, 0.7559534555, -0.9360846637, -0.5314662527, -0.7983485273, 0.043753411,
        -0.6494519461, 0.2285004229, 0.2083321721, 0.9840167455, -0.5954219316, -0.2380195281, -0.7138889801,
        -0.0618114973, -1.0183330667, -0.0800081864,
      ],
      dx: [
        1.0274382011, 0.9426830825, 0.8115988701, 0.6205619186, 0.3834015588, 0.1080043015, -0.2619059381,
        -0.5284531653, -0.7570984714, -0.8844139609, -0.969161018, -1.0082646737, -0.9534572257,
        -0.7369745462, -0.4080755587, -0.2252400106, 0.0553508351, 0.381054839, 0.6535048159, 0.8449718969,
        1.0037193149, 0.9861511863, 0.9160899868, 0.8200261272,
      ],
      dBias: [-0.1101342236, 0, 0, 0, 0, 0.0047589852],
    },
  };
}
