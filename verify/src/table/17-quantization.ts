import fc from "fast-check";
import { fromArray, full, Random, type Tensor, zeros } from "tensorgrad";
import { quantization } from "tensorgrad/functions";
import * as nn from "tensorgrad/nn";
import { differs } from "../gradients/differs.ts";
import type { Example } from "../gradients/evaluate.ts";
import { inBackward, inForward } from "../mutants/plant.ts";
import type { Reference } from "../references/reference.ts";
import { exact, free, reduction, typed, words } from "./builders.ts";
import type { Case } from "./case.ts";
import { tensors } from "./inputs/arbitraries.ts";
import { between, indicesBelow, positive } from "./inputs/domains.ts";
import { dims } from "./inputs/shapes.ts";

const { QuantizeLinear, DequantizeLinear, MatMulInteger, FakeQuantize } = quantization;

const some = dims({ minSize: 1, maxSize: 5 });
const noGradient = { order: 0, onnx: exact } as const;
const byte = (n: number): Tensor => fromArray(Uint8Array.of(n), [1]);

/** Rows on steps of 1/8: many numbers of the grid lie half-way between two of them, and some outside. */
const quantized: fc.Arbitrary<Example> = fc
  .tuple(some, some, fc.constantFrom(127, 255), fc.constantFrom(0, 20, 120))
  .chain(([N, K, high, zero]) =>
    tensors({ shape: [N, K] }).map(
      (x): Example => ({
        inputs: [x],
        options: typed({ high, zero }),
        symmetries: [
          { inputs: [0], output: 0 },
          { inputs: [1], output: 1 },
        ],
        run: (x) => new QuantizeLinear(high).apply(x, full([1], 0.125, { dtype: x.dtype }), byte(zero)),
      }),
    ),
  );

/** Halves go to the even integer, and the ends cut off. */
const roundsToEven: Reference = () => {
  const x = fromArray(Float64Array.of(-99, -1.5, -0.5, 0.5, 1.5, 2.5, 2.75, 200), [1, 8]);
  const y = new QuantizeLinear(127).apply(x, full([1], 1, { dtype: "float64" }), byte(10));
  return differs("QuantizeLinear", y, [0, 8, 10, 10, 12, 12, 13, 127]);
};

const restored: fc.Arbitrary<Example> = fc.tuple(some, some).chain(([N, K]) =>
  fc
    .tuple(
      tensors({ shape: [N, K], domain: indicesBelow(256) }),
      tensors({ shape: [N], domain: positive }),
      tensors({ shape: [N], domain: indicesBelow(256) }),
    )
    .map(
      (inputs): Example => ({
        inputs,
        symmetries: [
          { inputs: [0, 0, 0], output: 0 },
          { inputs: [1, null, null], output: 1 },
        ],
        run: (q, scale, zero) => new DequantizeLinear().apply(q.to("uint8"), scale, zero.to("uint8")),
      }),
    ),
);

/** Every row has a scale of its own. */
const scalesRows: Reference = () => {
  const q = fromArray(Uint8Array.of(1, 2, 3, 4), [2, 2]);
  const y = new DequantizeLinear().apply(
    q,
    fromArray(Float64Array.of(0.5, 2), [2]),
    fromArray(Uint8Array.of(1, 3), [2]),
  );
  return differs("DequantizeLinear", y, [0, 0.5, 0, 2]);
};

const multiplied: fc.Arbitrary<Example> = fc
  .tuple(some, some, some, fc.constantFrom(128, 256))
  .chain(([N, K, M, top]) =>
    fc
      .tuple(
        tensors({ shape: [N, K], domain: indicesBelow(top) }),
        tensors({ shape: [M, K], domain: indicesBelow(256) }),
      )
      .map(
        (inputs): Example => ({
          inputs,
          symmetries: [
            { inputs: [0, null], output: 0 },
            { inputs: [null, 0], output: 1 },
            { inputs: [1, 1], output: null },
          ],
          run: (a, w) => new MatMulInteger().apply(a.to("uint8"), w.sub(128).to("int8")),
        }),
      ),
  );

/** By plain loops; the largest numbers among them. */
const sumsOfProducts: Reference = (random) => {
  const [N, K, M] = [3, 50, 4];
  const a = Uint8Array.from({ length: N * K }, (_, i) => (i < K ? 255 : 256 * random.uniform()));
  const w = Int8Array.from({ length: M * K }, (_, i) => (i < K ? -128 : 256 * random.uniform() - 128));
  const y = new MatMulInteger().apply(fromArray(a, [N, K]), fromArray(w, [M, K]));
  const expected = Array.from({ length: N * M }, (_, i) => {
    const [row, col] = [Math.floor(i / M) * K, (i % M) * K];
    return Array.from({ length: K }, (_, p) => a[row + p] * w[col + p]).reduce((sum, n) => sum + n, 0);
  });
  return differs("MatMulInteger", y, expected);
};

/** Steps so fine that differences do not see them: what is left is the straight line, cut off at ±2. */
const FINE = 2 ** -40;
const faked: fc.Arbitrary<Example> = fc.tuple(some, some).chain(([N, K]) =>
  tensors({ shape: [N, K], domain: between(-3, 3) }).map(
    (x): Example => ({
      inputs: [x],
      symmetries: [
        { inputs: [0], output: 0 },
        { inputs: [1], output: 1 },
      ],
      run: (x) =>
        new FakeQuantize(-2 / FINE, 2 / FINE).apply(
          x,
          full([1], FINE, { dtype: x.dtype }),
          zeros([1], { dtype: "int8" }),
        ),
    }),
  ),
);

const seeds = fc.nat({ max: 1000 });
const inputs = fc.record({
  bits: fc.constantFrom(7, 8 as const),
  range: fc.constantFrom(null, { low: -2, high: 3 }),
});

const dense: fc.Arbitrary<Example> = fc
  .tuple(some, some, some, seeds, inputs)
  .chain(([N, K, M, seed, options]) =>
    tensors({ shape: [N, K] }).map((x): Example => {
      const layer = new nn.QuantizedLinear(new nn.Linear(K, M, { random: new Random(seed) }), options);
      return {
        inputs: [x],
        options: typed(options),
        symmetries: [{ inputs: [0], output: 0 }],
        run: (x) => layer.forward(x),
      };
    }),
  );

const convolved: fc.Arbitrary<Example> = fc
  .tuple(some, some, some, seeds, inputs)
  .chain(([N, C, O, seed, options]) =>
    tensors({ shape: [N, C, 5, 4] }).map((x): Example => {
      const conv = new nn.Conv2d(C, O, 3, { padding: 1, random: new Random(seed) });
      const layer = new nn.QuantizedConv2d(conv, options);
      return { inputs: [x], options: typed(options), run: (x) => layer.forward(x) };
    }),
  );

const lookup: fc.Arbitrary<Example> = fc.tuple(some, some, some, seeds).chain(([N, V, D, seed]) =>
  tensors({ shape: [N], domain: indicesBelow(V) }).map((ids): Example => {
    const layer = new nn.QuantizedEmbedding(new nn.Embedding(V, D, { random: new Random(seed) }));
    return { inputs: [ids], symmetries: [{ inputs: [0], output: 0 }], run: (ids) => layer.forward(ids) };
  }),
);

export const title = "Integers of 8 bits";

export const rows: readonly Case[] = [
  free(
    "QuantizeLinear",
    words("q = clamp(round(x/scale) + zero, 0, high)", null),
    ["x"],
    [QuantizeLinear],
    quantized,
    {
      ...noGradient,
      reference: roundsToEven,
      faults: [
        inForward("zero point off by one", QuantizeLinear, (q) => q.add(1).to("uint8"), "reference"),
        inForward(
          "halves away from zero",
          QuantizeLinear,
          (_, [x, scale, zero]) => {
            const [s, t] = [x.div(scale), zero.to(x.dtype)];
            return s.sign().mul(s.abs().add(0.5).floor()).add(t).clamp(0, 127).to("uint8");
          },
          "reference",
        ),
      ],
    },
  ),
  free(
    "DequantizeLinear",
    words("y = (q − zero)·scale, a scale and a zero point for each row", null),
    ["q", "scale", "zero"],
    [DequantizeLinear],
    restored,
    {
      ...noGradient,
      reference: scalesRows,
      faults: [
        inForward(
          "scales of columns instead of rows",
          DequantizeLinear,
          (_, [q, scale, zero]) => q.to(scale.dtype).sub(zero.to(scale.dtype).unsqueeze(1)).mul(scale),
          "reference",
        ),
      ],
    },
  ),
  free(
    "MatMulInteger",
    words("y[i, j] = Σₚ a[i, p]·w[j, p], exact", null),
    ["a", "w"],
    [MatMulInteger],
    multiplied,
    {
      ...noGradient,
      reference: sumsOfProducts,
      faults: [inForward("a sum of 16 bits", MatMulInteger, (y) => y.clamp(-32_768, 32_767), "reference")],
    },
  ),
  free(
    "FakeQuantize",
    words("y = (clamp(round(x/scale) + zero, low, high) − zero)·scale", "g where x is in range"),
    ["x"],
    [FakeQuantize],
    faked,
    {
      onnx: { none: "its steps here are too fine for 8 bits; parity/quantized.test.ts compares others" },
      faults: [inBackward("gradient beyond the range", FakeQuantize, ({ g }) => [g, null, null])],
    },
  ),
  free(
    "QuantizedLinear",
    words("y = s·scale·(q·weightᵀ − z·Σ weight) + bias, q = clamp(round(x/s) + z)", null),
    ["x"],
    [nn.QuantizedLinear, QuantizeLinear, MatMulInteger],
    dense,
    {
      order: 0,
      onnx: { ulps: 2, why: "integers are equal; products with scales are rounded in the same order" },
    },
  ),
  free(
    "QuantizedConv2d",
    words("y = the convolution of (q − z)·s with weight·scale", null),
    ["x"],
    [nn.QuantizedConv2d, DequantizeLinear],
    convolved,
    { order: 0, onnx: reduction },
  ),
  free(
    "QuantizedEmbedding",
    words("y = weight[ids]·scale[ids]", null),
    ["ids"],
    [nn.QuantizedEmbedding],
    lookup,
    noGradient,
  ),
];
