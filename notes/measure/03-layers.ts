import { heap, manualSeed, noGrad, randn, scope, type Tensor } from "tensorgrad";
import { DataLoader, type Dataset, SyntheticDigits } from "tensorgrad/data";
import {
  crossEntropy,
  Dropout,
  init,
  Linear,
  type Module,
  ReLU,
  Residual,
  relu,
  Sequential,
  softmax,
} from "tensorgrad/nn";
import { AdamW } from "tensorgrad/optim";
import { accuracy } from "tensorgrad/train";
import { report } from "../lib/measure.ts";

/** Note 03: what the first weights do to signals, what dropout does, and which bytes a layer costs. */
const [WIDTH, DEPTH] = [256, 30];

const starts: Readonly<Record<string, (w: Tensor) => Tensor>> = {
  normal001: (w) => init.normal(w, 0, 0.01),
  xavier: (w) => init.xavierNormal(w),
  kaiming: (w) => init.kaimingNormal(w),
  normal02: (w) => init.normal(w, 0, 0.2),
};

/** Root mean square of the signal after each of 30 layers with ReLU, by the way weights are drawn. */
function signals(): Record<string, number[]> {
  const entries = Object.entries(starts).map(([name, start]) => {
    manualSeed(1);
    using _ = scope();
    let h = randn([64, WIDTH]);
    const sizes = Array.from({ length: DEPTH }, () => {
      const layer = new Linear(WIDTH, WIDTH, { bias: false });
      start(layer.weight);
      h = noGrad(() => relu(layer.forward(h)));
      return h.square().mean().sqrt().item();
    });
    return [name, sizes] as const;
  });
  return Object.fromEntries(entries);
}

/** The gradient at the bottom of 30 blocks over that at the top, plain and as residuals; PyTorch's first weights. */
function depthOfGradients() {
  const build = (Block: typeof Sequential) =>
    Array.from({ length: DEPTH }, () => new Block(new Linear(WIDTH, WIDTH), new ReLU()));
  const share = (blocks: readonly Module[]) => {
    using _ = scope();
    const x = randn([64, WIDTH], { requiresGrad: true });
    let h: Tensor = x;
    for (const block of blocks) h = block.forward(h);
    const g = randn(h.shape);
    h.backward(g);
    return (x.grad?.norm().item() ?? Number.NaN) / g.norm().item();
  };
  manualSeed(1);
  return { plain: share(build(Sequential)), residual: share(build(Residual)) };
}

/** Bytes by what they are for, of a training step of 784-512-512-10 with AdamW and batches of 128. */
function memory() {
  manualSeed(1);
  const before = heap.live;
  const model = new Sequential(
    new Linear(784, 512),
    new ReLU(),
    new Linear(512, 512),
    new ReLU(),
    new Linear(512, 10),
  );
  const weights = heap.live - before;
  const optimizer = new AdamW(model.parameters(), { lr: 1e-3 });
  const moments = heap.live - before - weights;
  const x = randn([128, 784]);
  const start = heap.live;
  using _ = scope();
  const output = model.forward(x);
  const activations = heap.live - start;
  output.sum().backward();
  const gradients = model.parameters().reduce((sum, p) => sum + 4 * (p.grad?.size ?? 0), 0);
  optimizer.zeroGrad();
  const parameters = model.parameters().reduce((sum, p) => sum + p.size, 0);
  return { parameters, weights, gradients, moments, activations };
}

/** A network too large for 300 examples, with and without dropout; predictions of one pass, and averaged over 50 masks. */
function dropout() {
  const data = new SyntheticDigits({ count: 2300, shape: [784] });
  const rows = (from: number, to: number) => Int32Array.from({ length: to - from }, (_, i) => from + i);
  const [few, test] = [data.batch(rows(0, 300)), data.batch(rows(300, 2300))];
  const train: Dataset = { length: 300, get: (i) => ({ x: few.x.select(0, i), y: few.y.select(0, i) }) };
  const fit = (p: number) => {
    manualSeed(1);
    const model = new Sequential(new Linear(784, 256), new ReLU(), new Dropout(p), new Linear(256, 10));
    const optimizer = new AdamW(model.parameters(), { lr: 2e-3 });
    for (let epoch = 0; epoch < 40; epoch++) {
      for (const { x, y } of new DataLoader(train, { batchSize: 50, shuffle: true })) {
        using _ = scope();
        optimizer.zeroGrad();
        crossEntropy(model.forward(x), y).backward();
        optimizer.step();
      }
    }
    return model;
  };
  const score = (model: Module) => {
    using _ = scope();
    return accuracy(
      noGrad(() => model.eval().forward(test.x)),
      test.y,
    );
  };
  const [without, withDropout] = [fit(0), fit(0.5)];
  const result = { without: score(without), with: score(withDropout) };
  using _ = scope();
  withDropout.train();
  const passes = Array.from({ length: 50 }, () => noGrad(() => softmax(withDropout.forward(test.x))));
  const ensemble = passes.reduce((sum, p) => sum.add(p));
  return { ...result, ensemble: accuracy(ensemble, test.y), single: accuracy(passes[0], test.y) };
}

const sizes = signals();
report({
  signals: sizes,
  last: Object.fromEntries(Object.entries(sizes).map(([name, list]) => [name, list[DEPTH - 1]])),
  gradients: depthOfGradients(),
  memory: memory(),
  dropout: dropout(),
});
