import fc from "fast-check";
import { Random, type Tensor, tensor } from "tensorgrad";
import { embeddings, tensors as ops } from "tensorgrad/functions";
import * as nn from "tensorgrad/nn";
import { differs } from "../gradients/differs.ts";
import type { Example } from "../gradients/evaluate.ts";
import { inBackward, inMethod } from "../mutants/plant.ts";
import { normals, type Reference } from "../references/reference.ts";
import { arithmetic, exact, free, typed, words } from "./builders.ts";
import type { Case } from "./case.ts";
import { tensors } from "./inputs/arbitraries.ts";
import { indicesBelow } from "./inputs/domains.ts";
import { dims, shapes } from "./inputs/shapes.ts";

const sizes = dims({ minSize: 1, maxSize: 5 });
const { Rotate } = embeddings;
type Rotate = InstanceType<typeof Rotate>;

/** Ids of any shape; some occur twice. */
const lookup: fc.Arbitrary<Example> = fc
  .tuple(sizes, sizes, shapes({ maxRank: 3 }))
  .chain(([vocabSize, embedDim, shape]) =>
    fc
      .tuple(tensors({ shape: [vocabSize, embedDim] }), tensors({ shape, domain: indicesBelow(vocabSize) }))
      .map(
        (inputs): Example => ({
          inputs,
          symmetries: [
            { inputs: [1, null], output: -1 },
            ...shape.map((_, d) => ({ inputs: [null, d], output: d })),
          ],
          run: (weight, ids) => Object.assign(new nn.Embedding(vocabSize, embedDim), { weight }).forward(ids),
        }),
      ),
  );

/** Rows of a table by plain loops; where an id fills up, no gradient. */
const looksUp: Reference = (random) => {
  const layer = new nn.Embedding(4, 3, { paddingIdx: 1, random }).to("float64");
  layer.weight.assign(normals(random, [4, 3]));
  const list = [3, 1, 0, 3, 1];
  const [w, g] = [layer.weight.data.slice(), normals(random, [5, 3])];
  const y = layer.forward(tensor(list, { dtype: "int32" }));
  y.backward(g);
  const gradient = Array.from({ length: 12 }, (_, i) => {
    const [row, d] = [Math.floor(i / 3), i % 3];
    return list.reduce((sum, id, j) => sum + (id === row && id !== 1 ? g.data[3 * j + d] : 0), 0);
  });
  const rows = list.flatMap((id) => [0, 1, 2].map((d) => w[3 * id + d]));
  return (
    differs("Embedding", y, rows) ?? differs("the table's gradient", layer.weight.grad as Tensor, gradient)
  );
};

const lead = shapes({ maxRank: 2, minSize: 1, maxSize: 3 });
const places = fc.record({ offset: fc.integer({ min: 0, max: 9 }), T: sizes, D: sizes });

/** Sines, or a row for each position that is learned. */
const encoded: fc.Arbitrary<Example> = fc
  .tuple(lead, places, fc.boolean())
  .chain(([lead, { offset, T, D }, learned]) =>
    fc.tuple(tensors({ shape: [...lead, T, D] }), ...(learned ? [tensors({ shape: [20, D] })] : [])).map(
      (inputs): Example => ({
        inputs,
        options: typed({ learned, offset }),
        run: (x, weight) => {
          const layer = new nn.PositionalEncoding(20, D, { learned });
          return Object.assign(layer, weight ? { weight } : {}).forward(x, { offset });
        },
      }),
    ),
  );

/** The wave of every dim at every position. */
const waves: Reference = () => {
  const [D, base, offset] = [5, 50, 3];
  const y = new nn.PositionalEncoding(9, D, { base }).forward(normalsOfZero([4, D]), { offset });
  const expected = Array.from({ length: 4 * D }, (_, i) => {
    const [t, d] = [Math.floor(i / D) + offset, i % D];
    const angle = t / base ** ((2 * Math.floor(d / 2)) / D);
    return d % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
  });
  return differs("PositionalEncoding of zeros", y, expected);
};

const normalsOfZero = (shape: readonly number[]): Tensor => normals(new Random(1), shape).mul(0);

const turned: fc.Arbitrary<Example> = fc
  .tuple(lead, places, fc.constantFrom(10, 1000))
  .chain(([lead, { offset, T, D }, base]) =>
    tensors({ shape: [...lead, T, 2 * D] }).map(
      (x): Example => ({
        inputs: [x],
        options: typed({ base, offset }),
        symmetries: lead.map((_, d) => ({ inputs: [d], output: d })),
        run: (x) => new nn.RotaryEmbedding(2 * D, { base }).forward(x, { offset }),
      }),
    ),
  );

/** Complex numbers (x[i], x[i + D/2]) times e^(i·t·ω); and a product sees the distance alone. */
const turns: Reference = (random) => {
  const [H, T, D, base, offset] = [2, 5, 6, 30, 4];
  const layer = new nn.RotaryEmbedding(D, { base });
  const x = normals(random, [H, T, D]);
  const expected = Array.from(x.data, (_, i) => {
    const [t, d] = [(Math.floor(i / D) % T) + offset, i % D];
    const pair = d % (D / 2);
    const angle = t * base ** ((-2 * pair) / D);
    const [a, b] = [x.data[i - d + pair], x.data[i - d + pair + D / 2]];
    return d < D / 2 ? a * Math.cos(angle) - b * Math.sin(angle) : b * Math.cos(angle) + a * Math.sin(angle);
  });
  const wrong = differs("RotaryEmbedding", layer.forward(x, { offset }), expected);
  if (wrong) return wrong;
  const [q, k] = [normals(random, [1, D]), normals(random, [1, D])];
  const score = (s: number, t: number) =>
    layer
      .forward(q, { offset: s })
      .mul(layer.forward(k, { offset: t }))
      .sum();
  return differs("a product at positions 40 and 47", score(40, 47), [score(2, 9).item()]);
};

/** The row of the id that comes last takes the place of those before it. */
function overwritten(weight: Tensor, ids: Tensor, g: Tensor): Tensor {
  const dw = weight.detach().mul(0);
  ids.data.forEach((id, j) => {
    dw.select(0, id).assign(g.select(0, j).detach());
  });
  return dw;
}

export const title = "Embeddings and positions";

export const rows: readonly Case[] = [
  free(
    "Embedding",
    words("y = weight[ids]", "every row of g is added to the row that it came from"),
    ["weight", "ids"],
    [nn.Embedding],
    lookup,
    {
      linear: "jointly",
      onnx: exact,
      reference: looksUp,
      faults: [
        inBackward(
          "the gradient is overwritten where an id repeats",
          ops.IndexSelect,
          ({ g, inputs: [weight, ids], operation }) => [
            (operation as InstanceType<typeof ops.IndexSelect>).dim === 0 && weight.rank === 2
              ? overwritten(weight, ids, g)
              : null,
            null,
          ],
        ),
        inMethod(
          "the row of the padding learns",
          nn.Embedding.prototype,
          "forward",
          () =>
            function (this: nn.Embedding, ids) {
              return nn.embedding(ids, this.weight);
            },
          "reference",
        ),
      ],
    },
  ),
  free(
    "PositionalEncoding",
    words(
      "y = x + p[offset + t], p[t, 2i] = sin(t·base^(−2i/D)), p[t, 2i + 1] = cos(t·base^(−2i/D)), or p learned",
      "x: g; p: Σ g over the batch",
    ),
    ["x", "p"],
    [nn.PositionalEncoding],
    encoded,
    {
      onnx: arithmetic,
      reference: waves,
      faults: [
        inMethod(
          "the offset is forgotten",
          nn.PositionalEncoding.prototype,
          "forward",
          (right) =>
            function (this: nn.PositionalEncoding, x) {
              return right.call(this, x);
            },
          "reference",
        ),
      ],
    },
  ),
  free(
    "RotaryEmbedding",
    words(
      "y[i] = x[i]·cos tω − x[i + D/2]·sin tω, y[i + D/2] = x[i + D/2]·cos tω + x[i]·sin tω, ω = base^(−2i/D)",
      "g turned back",
    ),
    ["x"],
    [Rotate, nn.RotaryEmbedding],
    turned,
    {
      linear: "jointly",
      onnx: arithmetic,
      reference: turns,
      faults: [
        inBackward("the gradient is turned on", Rotate, ({ g, inputs: [, table], operation }) => [
          new Rotate((operation as Rotate).sense).apply(g, table),
          null,
        ]),
        inMethod(
          "the angle is that of the head, not of the position",
          nn.RotaryEmbedding.prototype,
          "forward",
          (right) =>
            function (this: nn.RotaryEmbedding, x, options) {
              if (x.rank < 3) return right.call(this, x, options);
              return right.call(this, x.transpose(-3, -2), options).transpose(-3, -2);
            },
          "reference",
        ),
      ],
    },
  ),
];
