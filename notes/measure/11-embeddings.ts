import { Random, randint, randn, scope, type Tensor, tensor } from "tensorgrad";
import { alibiSlopes, Embedding, PositionalEncoding, RotaryEmbedding } from "tensorgrad/nn";
import { useThreads } from "tensorgrad/runtime";
import { compared, exponent, report } from "../lib/measure.ts";
import { type Positions, scored, trained } from "../lib/tiny-language.ts";

/** Note 11: what a table costs, positions of four kinds compared, and loss against width. */
useThreads(1);
const random = new Random(1);
const WIDTH = 128;
const IDS = 12 * 64;

/** Milliseconds to look up 768 ids in tables of growing size, and to add their gradients up. */
function tables() {
  return [65, 1024, 8192, 50_257].map((vocabSize) => {
    const layer = new Embedding(vocabSize, WIDTH, { random });
    const ids = randint(0, vocabSize, [IDS], { random });
    const g = randn([IDS, WIDTH], { random });
    const oneHot = vocabSize > 1024 ? null : onesAt(ids, vocabSize);
    const times = compared({
      lookup: () => within(() => layer.forward(ids)),
      step: () =>
        within(() => {
          layer.zeroGrad();
          layer.forward(ids).backward(g);
        }),
      oneHot: () => (oneHot ? within(() => oneHot.matmul(layer.weight)) : undefined),
    });
    layer.zeroGrad();
    return {
      vocabSize,
      bytes: 4 * layer.weight.size,
      rowsThatOccur: new Set(ids.data).size,
      ...times,
      gradient: times.step - times.lookup,
      slower: oneHot ? times.oneHot / times.lookup : null,
    };
  });
}

/** Memory of one call goes with it. */
function within(run: () => unknown): void {
  using _ = scope();
  run();
}

function onesAt(ids: Tensor, vocabSize: number): Tensor {
  const rows = new Float32Array(ids.size * vocabSize);
  ids.data.forEach((id, i) => {
    rows[i * vocabSize + id] = 1;
  });
  return tensor(rows).reshape(ids.size, vocabSize);
}

const KINDS: readonly Positions[] = ["none", "sines", "learned", "rotary", "alibi"];
const SEEDS = [1, 2];
const mean = (list: readonly number[]) => list.reduce((sum, x) => sum + x, 0) / list.length;

/** Nats per character after a short training with windows of 64, and what becomes of it in longer windows. */
function positions() {
  return Object.fromEntries(
    KINDS.map((kind) => {
      const models = SEEDS.map((seed) => trained({ positions: kind, seed }));
      const losses = models.map((model) => scored(model, 64));
      const longer = kind === "learned" ? null : mean(models.map((model) => scored(model, 256)));
      const spread = Math.max(...losses) - Math.min(...losses);
      return [kind, { parameters: sizeOf(models[0]), loss: mean(losses), spread, longer }];
    }),
  );
}

const sizeOf = (model: { parameters(): Tensor[] }): number =>
  model.parameters().reduce((sum, { size }) => sum + size, 0);

/** Loss against width, all else alike. */
function widths() {
  const points = [8, 16, 32, 64, 128].map((embedDim) => {
    const model = trained({ embedDim, numHeads: Math.max(1, embedDim / 32) });
    return { embedDim, table: 65 * embedDim, parameters: sizeOf(model), loss: scored(model, 64) };
  });
  return { points, perDoubling: points.slice(1).map(({ loss }, i) => points[i].loss - loss) };
}

/** q·k of two equal vectors, by distance: what each kind of position makes of it, averaged over random vectors. */
function distances() {
  const [D, most] = [32, 64];
  const sines = new PositionalEncoding(256, D);
  const zeros = tensor(new Float32Array(256 * D)).reshape(256, D);
  const p = sines.forward(zeros);
  const rotary = new RotaryEmbedding(D);
  const q = tensor(new Float32Array(D).fill(1)).reshape(1, D);
  const at = (t: number) => rotary.forward(q, { offset: t });
  const origin = 40;
  return Array.from({ length: most + 1 }, (_, distance) => ({
    distance,
    sines:
      p
        .select(0, origin)
        .dot(p.select(0, origin + distance))
        .item() /
      (D / 2),
    rotary:
      at(origin)
        .mul(at(origin + distance))
        .sum()
        .item() / D,
    alibi: -alibiSlopes(4)[1] * distance,
  }));
}

const made = tables();
report({
  width: WIDTH,
  ids: IDS,
  tables: made,
  growth: exponent(made.slice(1).map(({ vocabSize, gradient }) => [vocabSize, gradient])),
  positions: positions(),
  widths: widths(),
  distances: distances(),
});
