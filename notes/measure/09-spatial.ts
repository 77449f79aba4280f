import { heap, manualSeed, noGrad, Random, randn, scope, type Tensor, zeros } from "tensorgrad";
import { DataLoader, SyntheticShapes } from "tensorgrad/data";
import { Conv2d, CrossEntropyLoss, conv2d, type Sequential, unfold } from "tensorgrad/nn";
import { SGD } from "tensorgrad/optim";
import { blas, useBlas, useKernels, useThreads } from "tensorgrad/runtime";
import { accuracy, Trainer } from "tensorgrad/train";
import { build, threeConv } from "../../examples/lib/cnn-recipes.ts";
import { parameterCount } from "../../examples/lib/image-classifier.ts";
import { profileLayers } from "../../examples/lib/network-profile.ts";
import { loweredImages } from "../../tensorgrad/src/09-spatial/convolution/lowered.ts";
import { convSizes, type Geometry } from "../../tensorgrad/src/09-spatial/geometry.ts";
import { cpuTimes } from "../lib/cpu-time.ts";
import { report } from "../lib/measure.ts";

/**
 * Note 09: what a convolution costs by each way of computing it, how lowering grows with the filter, what depthwise filters save,
 * where a network spends its time, and what three classic bugs look like. One thread; times are of the processor.
 */
useThreads(1);

/** The second convolution of the milestone's network: 64 channels at 16×16 to 128. */
const LAYER = { N: 32, C: 64, O: 128, side: 16 } as const;

const random = new Random(9);
/** In the order in which convolutions hand them on: all channels of a pixel beside each other. */
const images = (channels: number, side: number): Tensor =>
  randn([LAYER.N, side, side, channels], { random }).permute([0, 3, 1, 2]); // [N, C, H, W]
const filters = (shape: number[]): Tensor => randn(shape, { random });

/** Bytes of the heap beyond what there was, at the worst moment; the result is one of them. */
function peakBytes(make: () => Tensor): number {
  using _ = scope();
  using __ = noGrad();
  const before = heap.live;
  heap.resetPeak();
  make();
  return heap.peak - before;
}

const inScope = (make: () => Tensor) => () => {
  using _ = scope();
  using __ = noGrad();
  make();
};

/** A convolution with padding that keeps the size, as one product of matrices: the image is written out for every tap. */
function throughMatrix(x: Tensor, w: Tensor): Tensor {
  const [N, , H, W] = x.shape;
  const [O, , K] = w.shape;
  const columns = unfold(x, K, { padding: (K - 1) / 2 }); // [N, C·K·K, H·W]
  return w
    .reshape([O, w.size / O])
    .matmul(columns)
    .reshape([N, O, H, W]);
}

function throughPieces(x: Tensor, w: Tensor): Tensor {
  const [O, , K] = w.shape;
  const padding = (K - 1) / 2;
  const geometry: Geometry = { stride: [1, 1], padding: [padding, padding], dilation: [1, 1], groups: 1 };
  return loweredImages(x, w, zeros([O]), convSizes(x.shape, w.shape, x.shape.slice(2), geometry));
}

const throughLoops = (x: Tensor, w: Tensor): Tensor => {
  useKernels("reference");
  try {
    return conv2d(x, w, null, { padding: (w.shape[2] - 1) / 2 });
  } finally {
    useKernels("simd");
  }
};

const library = (x: Tensor, w: Tensor): Tensor => conv2d(x, w, null, { padding: (w.shape[2] - 1) / 2 });

/** The largest error, as a share of the largest result, against float64. */
function errorOf(y: Tensor, truth: Tensor): number {
  const [a, b] = [y.contiguous().data, truth.contiguous().data];
  let [error, size] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    error = Math.max(error, Math.abs(a[i] - b[i]));
    size = Math.max(size, Math.abs(b[i]));
  }
  return error / size;
}

/** One layer by every way: milliseconds, memory beyond its result, and how exact it is. */
function ways() {
  const { N, C, O, side } = LAYER;
  const [x, w] = [images(C, side), filters([O, C, 3, 3])];
  const planes = x.contiguous(); // what a matrix of columns is made from
  const flops = 2 * N * O * side * side * C * 9;
  using _ = scope();
  using __ = noGrad();
  const few = x.narrow(0, 0, 4).contiguous();
  const truth = conv2d(few.to("float64"), w.to("float64"), null, { padding: 1 });
  const settings = { own: "off", ...(blas().library ? { blas: "auto" } : {}) } as const;
  const programs = { matrix: throughMatrix, pieces: throughPieces, winograd: library };
  const measured = Object.entries(settings).map(([name, setting]) => {
    useBlas(setting);
    const times = cpuTimes(
      {
        matrix: inScope(() => throughMatrix(planes, w)),
        pieces: inScope(() => throughPieces(x, w)),
        winograd: inScope(() => library(x, w)),
      },
      9,
    );
    const of = (way: keyof typeof programs) => ({
      milliseconds: times[way] / 1000,
      gflops: flops / times[way] / 1000,
      extraMB:
        (peakBytes(() => programs[way](way === "matrix" ? planes : x, w)) - 4 * N * O * side * side) / 1e6,
      error: errorOf(programs[way](few, w), truth),
    });
    const speedUp = times.pieces / times.winograd;
    return [name, { matrix: of("matrix"), pieces: of("pieces"), winograd: of("winograd"), speedUp }] as const;
  });
  const { loops } = cpuTimes({ loops: inScope(() => throughLoops(few, w)) }, 2);
  const ofLoops = { milliseconds: (loops / 1000) * (N / 4), gflops: flops / (N / 4) / loops / 1000 };
  return {
    flops,
    outputMB: (4 * N * O * side * side) / 1e6,
    loops: ofLoops,
    ...Object.fromEntries(measured),
  };
}

/** What lowering makes of an image, over the size of the filter: predicted K², and what `conv2d` takes instead. */
function growth() {
  useBlas("off");
  const x = images(LAYER.C, LAYER.side);
  const planes = x.contiguous();
  const bytes = 4 * x.size;
  const points = [1, 3, 5, 7].map((K) => {
    const w = filters([LAYER.C, LAYER.C, K, K]);
    const lowered = peakBytes(() => unfold(planes, K, { padding: (K - 1) / 2 }));
    const times = cpuTimes(
      { matrix: inScope(() => throughMatrix(planes, w)), library: inScope(() => library(x, w)) },
      5,
    );
    return {
      kernel: K,
      predicted: K * K,
      lowered: lowered / bytes,
      loweredMB: lowered / 1e6,
      library: (peakBytes(() => library(x, w)) - bytes) / bytes,
      libraryMB: (peakBytes(() => library(x, w)) - bytes) / 1e6,
      matrixMs: times.matrix / 1000,
      libraryMs: times.library / 1000,
    };
  });
  return { imageMB: bytes / 1e6, points };
}

/** One filter per channel and then a 1×1 convolution, in the place of a full one. */
function separable() {
  useBlas("off");
  const { N, side } = LAYER;
  return [32, 64, 128, 256].map((C) => {
    const x = images(C, side);
    const [full, each, mix] = [filters([C, C, 3, 3]), filters([C, 1, 3, 3]), filters([C, C, 1, 1])];
    const parts = {
      full: inScope(() => library(x, full)),
      depthwise: inScope(() => conv2d(x, each, null, { padding: 1, groups: C })),
      pointwise: inScope(() => conv2d(x, mix)),
    };
    const times = cpuTimes(parts, 7);
    const pixels = 2 * N * side * side * C;
    const rate = (flops: number, microseconds: number) => flops / microseconds / 1000;
    return {
      channels: C,
      predicted: 1 / (1 / C + 1 / 9),
      measured: times.full / (times.depthwise + times.pointwise),
      ms: { full: times.full / 1000, depthwise: times.depthwise / 1000, pointwise: times.pointwise / 1000 },
      gflops: {
        full: rate(pixels * 9 * C, times.full),
        depthwise: rate(pixels * 9, times.depthwise),
        pointwise: rate(pixels * C, times.pointwise),
      },
    };
  });
}

/** Where the milestone's network spends what. */
function layers() {
  useBlas("auto");
  manualSeed(1);
  const model = build(threeConv([64, 128, 256], 8));
  const x = randn([64, 3, 32, 32], { random });
  const costs = profileLayers(model, x, 15);
  const sum = (of: (cost: (typeof costs)[number]) => number) =>
    costs.reduce((total, cost) => total + of(cost), 0);
  const totals = {
    ms: sum(({ milliseconds }) => milliseconds),
    flops: sum(({ flops }) => flops),
    bytes: sum(({ bytes }) => bytes),
    parameters: parameterCount(model),
  };
  const shares = costs.map((cost) => ({
    ...cost,
    ms: cost.milliseconds / totals.ms,
    work: cost.flops / totals.flops,
    memory: cost.bytes / totals.bytes,
    weights: cost.parameters / totals.parameters,
  }));
  const convolutions = shares.filter(({ layer }) => layer === "Conv2d");
  const of = (key: "ms" | "work" | "memory" | "weights") =>
    convolutions.reduce((total, share) => total + share[key], 0);
  return {
    ...{ totals, shares },
    convolutions: { ms: of("ms"), work: of("work"), memory: of("memory"), weights: of("weights") },
  };
}

const SHAPES = { mean: 0.5, std: 0.25, shape: [3, 32, 32] as const };

/** What a small network that knows coloured shapes says after each of three bugs. */
async function bugs() {
  useBlas("off");
  manualSeed(1);
  const train = new SyntheticShapes({
    count: 4000,
    random: new Random(1),
    mean: SHAPES.mean,
    std: SHAPES.std,
  });
  const test = new SyntheticShapes({
    count: 1000,
    random: new Random(2),
    mean: SHAPES.mean,
    std: SHAPES.std,
  });
  const model = build(threeConv([8, 16, 32], 3));
  const optimizer = new SGD(model.parameters(), { lr: 0.05, momentum: 0.9 });
  const trainer = new Trainer({ model, optimizer, loss: new CrossEntropyLoss(), metrics: { accuracy } });
  await trainer.fit(new DataLoader(train, { batchSize: 64, shuffle: true }), { epochs: 3 });
  const score = (answer: (x: Tensor) => Tensor, batchSize = 250): number => {
    let right = 0;
    for (const { x, y } of new DataLoader(test, { batchSize })) {
      using _ = scope();
      using __ = noGrad();
      right += answer(x).argmax(1).eq(y).sum().item();
    }
    return right / test.length;
  };
  model.eval();
  const accuracyOf = score((x) => model.forward(x));
  const mixed = score((x) => model.forward(x.permute([0, 2, 3, 1]).reshape(x.shape)));
  const forgotten = inTraining(model, () => score((x) => model.forward(x), 1));
  const flipped = turned(model, () => score((x) => model.forward(x)));
  return { accuracy: accuracyOf, flipped, mixed, forgotten };
}

/** With every filter turned by half a turn, as mathematicians define a convolution. */
function turned(model: Sequential, run: () => number): number {
  const convolutions = model.layers.filter((layer) => layer instanceof Conv2d);
  const turn = () => {
    for (const { weight } of convolutions) {
      using _ = scope();
      using __ = noGrad();
      weight.assign(weight.flip([2, 3]).contiguous().data);
    }
  };
  turn();
  const result = run();
  turn();
  return result;
}

/** With batch norms that normalise by the batch at hand: the state that `eval()` was not called for. */
function inTraining(model: Sequential, run: () => number): number {
  const kept = model.namedTensors().map(([, tensor]) => [tensor, tensor.data.slice()] as const);
  model.train();
  const result = run();
  model.eval();
  for (const [tensor, data] of kept) tensor.assign(data); // running statistics have moved
  return result;
}

report({
  ways: ways(),
  growth: growth(),
  separable: separable(),
  layers: layers(),
  bugs: await bugs(),
});
