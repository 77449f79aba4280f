import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { kernelChoice, Random, useKernels } from "../../00-runtime/index.ts";
import { ones, randn, recordAll, type Tensor, tensor, zeros } from "../../01-tensor/index.ts";
import { ReLU, relu } from "../../02-activations/index.ts";
import { Sequential } from "../../03-layers/index.ts";
import { grad } from "../../05-autograd/index.ts";
import { BatchNorm1d, BatchNorm2d, batchNorm, MaxPool2d } from "../index.ts";
import { isChannelsLast } from "../layout.ts";
import { MaxPool } from "../pooling/max-pool.ts";

const initial = kernelChoice();
afterEach(() => useKernels(initial));

const double = { dtype: "float64" } as const;
const training = { training: true } as const;
const distance = (a: Tensor, b: Tensor): number => a.to("float64").sub(b.to("float64")).abs().max().item();

describe("batchNorm", () => {
  it("shifts every channel to mean 0 and scales it to variance 1", () => {
    const x = tensor([
      [1, -10],
      [3, 10],
    ]);
    expect(batchNorm(x, null, null, null, null, { ...training, eps: 0 }).toArray()).toEqual([
      [-1, -1],
      [1, 1],
    ]);
  });

  it("moves running statistics towards the batch's, with the unbiased variance", () => {
    const [mean, variance] = [zeros([1]), ones([1])];
    batchNorm(tensor([[1], [3]]), mean, variance, null, null, { ...training, momentum: 0.5 });
    expect([mean.item(), variance.item()]).toEqual([1, 1.5]); // 0.5·0 + 0.5·2; 0.5·1 + 0.5·2
  });

  it("takes the running statistics outside training, and leaves them as they are", () => {
    const [mean, variance] = [tensor([2]), tensor([4])];
    const y = batchNorm(tensor([[2], [4]]), mean, variance, tensor([10]), tensor([1]), { eps: 0 });
    expect(y.toArray()).toEqual([[1], [11]]);
    expect([mean.item(), variance.item()]).toEqual([2, 4]);
  });

  it("takes integers and empty batches, which move no statistics", () => {
    const x = tensor([[0], [2]], { dtype: "int32" });
    expect(batchNorm(x, null, null, null, null, { ...training, eps: 0 }).toArray()).toEqual([[-1], [1]]);
    const [mean, variance] = [zeros([3]), ones([3])];
    expect(batchNorm(zeros([0, 3]), mean, variance, null, null, training).shape).toEqual([0, 3]);
    expect([...mean.data, ...variance.data]).toEqual([0, 0, 0, 1, 1, 1]);
  });

  for (const choice of ["simd", "reference"] as const) {
    it(`the mean far from 0 costs no digits (${choice} kernels)`, () => {
      useKernels(choice);
      for (const offset of [0, 100, -1e4, 1e6]) {
        for (const shape of [
          [777, 5],
          [3, 5, 20, 21],
        ]) {
          const x = randn(shape, { random: new Random(3) })
            .mul(4)
            .add(offset);
          const norm = (x: Tensor) => batchNorm(x, null, null, null, null, training);
          expect(distance(norm(x), norm(x.to("float64")))).toBeLessThan(3e-6);
        }
      }
    });

    it(`reads either memory order, and answers in kind (${choice} kernels)`, () => {
      useKernels(choice);
      const random = new Random(7);
      const x = randn([3, 6, 4, 5], { random });
      const last = x.permute(0, 2, 3, 1).clone().permute(0, 3, 1, 2);
      const [w, b] = [randn([6], { random, requiresGrad: true }), randn([6], { random, requiresGrad: true })];
      const results = [x, last].map((given) => {
        const leaf = given.detach();
        leaf.requiresGrad = true;
        const y = batchNorm(leaf, null, null, w, b, training);
        const gradOutputs = randn(y.shape, { random: new Random(8) });
        return [y, ...grad(y, [leaf, w, b], { gradOutputs })];
      });
      expect(results.map(([y]) => isChannelsLast(y))).toEqual([false, true]);
      for (const [i, t] of results[0].entries()) expect(distance(t, results[1][i])).toBeLessThan(1e-5);
    });
  }

  it("with relu is relu of batchNorm, forward and backward", () => {
    const random = new Random(9);
    for (const shape of [
      [9, 3],
      [2, 5, 3, 4],
    ]) {
      const x = randn(shape, { random, ...double, requiresGrad: true });
      const [w, b] = [0, 1].map(() => randn([shape[1]], { random, ...double, requiresGrad: true }));
      for (const options of [{ training: true }, { training: false }]) {
        const running = options.training
          ? [null, null]
          : [zeros([shape[1]], double), ones([shape[1]], double)];
        const fused = batchNorm(x, running[0], running[1], w, b, { ...options, relu: true });
        const apart = relu(batchNorm(x, running[0], running[1], w, b, options));
        expect(distance(fused, apart)).toBe(0);
        const gradOutputs = randn(shape, { random, ...double });
        for (const createGraph of [false, true]) {
          const [one, other] = [fused, apart].map((y) =>
            grad(y, [x, w, b], { gradOutputs, createGraph, retainGraph: true }),
          );
          for (const [i, g] of one.entries()) expect(distance(g, other[i])).toBeLessThan(1e-12);
        }
      }
    }
  });
});

describe("batchNorm, relu and maxPool2d in one pass", () => {
  const channelsLast = (x: Tensor): Tensor => x.permute(0, 2, 3, 1).clone().permute(0, 3, 1, 2).detach();

  /** The same from three layers in a row, and from what a Sequential makes of them. */
  const runs = (layers: readonly [BatchNorm2d, ReLU, MaxPool2d]) => ({
    apart: (x: Tensor) => layers.reduce((y, layer) => layer.forward(y), x),
    together: (x: Tensor) => new Sequential(...layers).forward(x),
  });

  for (const choice of ["simd", "reference"] as const) {
    for (const training of [true, false]) {
      it(`has the same bits as one after the other (${choice} kernels, ${training ? "training" : "evaluation"})`, () => {
        useKernels(choice);
        const size = fc.constantFrom(2, 4, 6);
        const channels = fc.constantFrom(2, 3, 4, 17, 64);
        fc.assert(
          fc.property(channels, size, size, fc.boolean(), fc.nat(), (channels, h, w, coarse, seed) => {
            const random = new Random(seed);
            const drawn = randn([3, channels, h, w], { random });
            const images = channelsLast(coarse ? drawn.mul(2).round() : drawn); // ties, too
            const [weight, bias] = [randn([channels], { random }), randn([channels], { random })];
            const results = (["apart", "together"] as const).map((how) => {
              const norm = new BatchNorm2d(channels).train(training);
              norm.weight?.assign(weight.data);
              norm.bias?.assign(bias.data);
              const x = Object.assign(images.detach(), { requiresGrad: true });
              const y = runs([norm, new ReLU(), new MaxPool2d(2)])[how](x);
              const operation = y.gradFn;
              const gradOutputs = channelsLast(randn(y.shape, { random: new Random(seed + 1) }));
              const gradients = grad(y, [x, norm.weight as Tensor, norm.bias as Tensor], { gradOutputs });
              return { y, dx: gradients[0], sums: gradients.slice(1), operation, norm };
            });
            const [apart, together] = results;
            expect(apart.operation).toBeInstanceOf(MaxPool);
            expect(together.operation).not.toBeInstanceOf(MaxPool);
            expect([...together.y.data]).toEqual([...apart.y.data]);
            expect([...(together.norm.runningVar as Tensor).data]).toEqual([
              ...(apart.norm.runningVar as Tensor).data,
            ]);
            // Sums run over winners, not over all pixels: the same terms in another order.
            const scale = 1 + Math.sqrt(3 * h * w);
            for (const [i, sum] of together.sums.entries())
              expect(distance(sum, apart.sums[i])).toBeLessThan(scale * 1e-5);
            expect(distance(together.dx, apart.dx)).toBeLessThan(training ? 1e-4 : 1e-30);
          }),
          { numRuns: 25 },
        );
      });
    }
  }

  it("is the same rule when gradients are differentiated", () => {
    const random = new Random(4);
    const x = channelsLast(randn([2, 3, 4, 4], { random, ...double })).detach();
    x.requiresGrad = true;
    const norm = new BatchNorm2d(3).to("float64");
    const y = norm.normalize(x, { relu: true, pool: { kernelSize: 2 } });
    const gradOutputs = randn(y.shape, { random, ...double });
    const inputs = [x, norm.weight as Tensor, norm.bias as Tensor];
    const fused = grad(y, inputs, { gradOutputs, retainGraph: true });
    const rule = grad(y, inputs, { gradOutputs, createGraph: true });
    for (const [i, g] of fused.entries()) expect(distance(g, rule[i])).toBeLessThan(1e-13);
  });

  it("steps aside where windows overlap or leave pixels out, for other orders, and for layers of one's own", () => {
    class Doubled extends ReLU {
      override forward(x: Tensor): Tensor {
        return super.forward(x).mul(2);
      }
    }
    const x = randn([2, 4, 5, 5], { random: new Random(6) });
    const last = channelsLast(x);
    for (const [image, relu, pool] of [
      [last, new ReLU(), new MaxPool2d(2)],
      [last, new ReLU(), new MaxPool2d(3, { stride: 2, padding: 1 })],
      [x, new ReLU(), new MaxPool2d(5)],
      [last, new Doubled(), new MaxPool2d(5)],
    ] as const) {
      const { apart, together } = runs([new BatchNorm2d(4), relu, pool]);
      const [y, z] = [apart(image), together(image)];
      expect([...z.data]).toEqual([...y.data]);
    }
  });

  it("does not hide layers from who watches them", () => {
    const relu = new ReLU();
    const seen: Tensor[] = [];
    relu.forward = (x) => {
      seen.push(x);
      return x.relu();
    };
    new Sequential(new BatchNorm2d(2), relu).forward(randn([2, 2, 2, 2]));
    expect(seen.length).toBe(1);
  });
});

describe("BatchNorm1d and BatchNorm2d", () => {
  it("start with weight 1, bias 0 and the statistics of the normal distribution", () => {
    const layer = new BatchNorm2d(3);
    expect(Object.keys(layer.stateDict())).toEqual([
      "weight",
      "bias",
      "runningMean",
      "runningVar",
      "numBatchesTracked",
    ]);
    expect(layer.parameters().map(({ shape }) => shape)).toEqual([[3], [3]]);
    expect(String(layer)).toBe(
      "BatchNorm2d(3) — 6 parameters: weight [3], bias [3], buffer runningMean [3], buffer runningVar [3], buffer numBatchesTracked []",
    );
    expect(String(new BatchNorm1d(3, { affine: false, trackRunningStats: false, momentum: null }))).toBe(
      "BatchNorm1d(3, momentum: null, affine: false, trackRunningStats: false)",
    );
  });

  it("count batches; without momentum they average over all of them", () => {
    const layer = new BatchNorm1d(1, { momentum: null });
    for (const values of [
      [[0], [2]],
      [[4], [8]],
      [[1], [3]],
    ])
      layer.forward(tensor(values));
    expect(layer.numBatchesTracked?.item()).toBe(3);
    expect(layer.runningMean?.item()).toBeCloseTo((1 + 6 + 2) / 3, 6);
    expect(layer.runningVar?.item()).toBeCloseTo((2 + 8 + 2) / 3, 6);
    layer.resetRunningStats();
    expect([layer.numBatchesTracked, layer.runningMean, layer.runningVar].map((t) => t?.item())).toEqual([
      0, 0, 1,
    ]);
  });

  it("without running statistics use those of the batch in evaluation, too", () => {
    const layer = new BatchNorm1d(1, { trackRunningStats: false, eps: 0 }).eval();
    expect(layer.forward(tensor([[5], [7]])).toArray()).toEqual([[-1], [1]]);
  });

  it("give their statistics to another layer through stateDict", () => {
    const [layer, other] = [new BatchNorm2d(2), new BatchNorm2d(2)];
    const x = randn([4, 2, 3, 3], { random: new Random(1) });
    layer.forward(x);
    other.loadStateDict(layer.stateDict());
    expect([...other.eval().forward(x).data]).toEqual([...layer.eval().forward(x).data]);
    expect(other.numBatchesTracked?.item()).toBe(1);
  });

  it("equals PyTorch after three batches, in evaluation", () => {
    // import torch; bn = torch.nn.BatchNorm1d(2, momentum=0.3)
    // for k in range(3): bn(torch.tensor([[0., 1.], [2., -k], [k, 3.]]))
    // bn.eval(); print(bn(torch.tensor([[1., 2.]])), bn.running_mean, bn.running_var)
    const layer = new BatchNorm1d(2, { momentum: 0.3 });
    for (const k of [0, 1, 2])
      layer.forward(
        tensor([
          [0, 1],
          [2, -k],
          [k, 3],
        ]),
      );
    const y = layer.eval().forward(tensor([[1, 2]]));
    const close = (t: Tensor | null, expected: number[]) =>
      expected.forEach((n, i) => void expect(t?.data[i]).toBeCloseTo(n, 4));
    close(layer.runningMean, [0.708, 0.606]);
    close(layer.runningVar, [1.149, 3.426]);
    close(y, [0.2724, 0.7531]);
  });

  it("leave the statistics alone while an exporter looks at the operations", () => {
    const layer = new BatchNorm1d(1);
    recordAll(() => layer.forward(tensor([[1], [3]])));
    expect([layer.numBatchesTracked, layer.runningMean].map((t) => t?.item())).toEqual([0, 0]);
  });

  it("convert to float64 with their statistics", () => {
    const layer = new BatchNorm1d(2).to("float64");
    expect(layer.forward(randn([3, 2], double)).dtype).toBe("float64");
    expect(layer.runningVar?.dtype).toBe("float64");
    expect(layer.numBatchesTracked?.dtype).toBe("int32");
  });
});

describe("what does not fit is named", () => {
  it("ranks and channels", () => {
    expect(() => new BatchNorm2d(3).forward(zeros([2, 3]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: BatchNorm2d(3): expected input [N, 3, H, W], got [2, 3]]`,
    );
    expect(() => new BatchNorm2d(3).forward(zeros([2, 4, 5, 5]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: BatchNorm2d(3): expected input [N, 3, H, W], got [2, 4, 5, 5]]`,
    );
    expect(() => new BatchNorm1d(3).forward(zeros([2, 3, 4, 4]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: BatchNorm1d(3): expected input [N, 3] or [N, 3, L], got [2, 3, 4, 4]]`,
    );
    expect(() => batchNorm(zeros([3]), null, null)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: batchNorm: expected input [N, C, …], got [3]]`,
    );
  });

  it("a single number per channel in training", () => {
    expect(() => new BatchNorm1d(3).forward(zeros([1, 3]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: BatchNorm1d(3): input [1, 3] in training — one number per channel has no variance; use a larger batch (dropLast in the loader), or eval()]`,
    );
    expect(() =>
      batchNorm(zeros([1, 3, 1, 1]), null, null, null, null, training),
    ).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: batchNorm: input [1, 3, 1, 1] in training — one number per channel has no variance; use a larger batch (dropLast in the loader), or eval()]`,
    );
    expect(new BatchNorm1d(3).eval().forward(zeros([1, 3])).shape).toEqual([1, 3]);
  });

  it("a refused batch leaves the statistics as they were", () => {
    const layer = new BatchNorm1d(3);
    expect(() => layer.forward(ones([1, 3]))).toThrow("one number per channel");
    expect([...(layer.runningMean as Tensor).data, layer.numBatchesTracked?.item()]).toEqual([0, 0, 0, 0]);
  });

  it("statistics and weights of another size or type", () => {
    const x = zeros([2, 3]);
    expect(() => batchNorm(x, zeros([2]), zeros([3]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: batchNorm: runningMean [2] for input [2, 3] — one number per channel, [3]]`,
    );
    expect(() => batchNorm(x, zeros([3]), zeros([3]), zeros([1, 3]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: batchNorm: weight [1, 3] for input [2, 3] — one number per channel, [3]]`,
    );
    expect(() => batchNorm(x, zeros([3], double), zeros([3]))).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: batchNorm: input float32, runningMean float64 — both must be the same; use x.to("float64")]`,
    );
    expect(() => batchNorm(x, [0, 0, 0] as never, zeros([3]))).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: batchNorm: runningMean is object — a tensor, or null]`,
    );
    expect(() => batchNorm(x, null, null)).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: batchNorm: no running statistics — outside training they take the place of the batch's; pass both, or { training: true }]`,
    );
  });

  it("settings that make no sense", () => {
    expect(() => new BatchNorm2d(0)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: BatchNorm2d: 0 channels — must be a whole number, 1 or more]`,
    );
    expect(() => new BatchNorm2d(3, { momentum: 1.5 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: BatchNorm2d: momentum = 1.5 — a number from 0 to 1, or null for a plain average]`,
    );
    expect(() => new BatchNorm2d(3, { eps: -1 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: BatchNorm2d: eps = -1 — a number ≥ 0, such as 1e-5]`,
    );
  });
});
