import { afterEach, describe, expect, it } from "vitest";
import { blasBase, Random, threads, useThreads } from "../../00-runtime/index.ts";
import { randn, type Tensor, zeros } from "../../01-tensor/index.ts";
import { detectAnomaly, grad } from "../../05-autograd/index.ts";
import { conv2d } from "../index.ts";
import { inOrder, isChannelsLast } from "../layout.ts";
import { depthwiseImages } from "./depthwise.ts";
import { loweredImages } from "./lowered.ts";
import { wayOf } from "./ways.ts";
import { winogradImages } from "./winograd.ts";

const initial = threads().wanted;
afterEach(() => useThreads(initial));

/** Images, filters and options in all combinations: 3×3 with many channels, one filter per channel, anything. */
function drawn(random: Random, i: number) {
  const below = (n: number) => Math.floor(random.uniform() * n);
  const [winograd, depthwise] = [i % 3 === 0, i % 3 === 1];
  const groups = depthwise ? [4, 6, 13][below(3)] : winograd ? 1 : 1 + below(3);
  const channels = () => (depthwise ? 1 : winograd ? 4 * (2 + below(3)) : 1 + below(6));
  const [inputs, outputs] = [channels(), channels()];
  const pair = (least: number, many: number) =>
    [0, 1].map(() => (winograd ? Math.min(1, least) : least + below(many))) as [number, number];
  const kernel = winograd ? [3, 3] : pair(1, 4);
  const [stride, dilation] = [pair(1, 3), pair(1, 2)];
  const padding = [below(3), below(3)] as [number, number];
  const room = i % 4 === 0 ? 24 : 8;
  const image = [0, 1].map(
    (d) => Math.max(1, dilation[d] * (kernel[d] - 1) + 1 - 2 * padding[d]) + below(room),
  );
  const of = (shape: number[]) => randn(shape, { random });
  return {
    options: { stride, padding, dilation, groups },
    x: of([below(5), inputs * groups, ...image]),
    w: of([outputs * groups, inputs, ...kernel]),
    b: of([outputs * groups]),
  };
}

/** Result and gradients. */
function all(inputs: readonly Tensor[], options: object, g: Tensor | null): Tensor[] {
  const leaves = inputs.map((t) => {
    const leaf = t.detach();
    leaf.requiresGrad = true;
    return leaf;
  });
  const y = conv2d(leaves[0], leaves[1], leaves[2], options);
  const upstream = g ?? randn(y.shape, { random: new Random(8) });
  return [y.detach(), ...grad([y], leaves, { gradOutputs: [upstream.to(y.dtype)] }), upstream];
}

describe("float32", () => {
  it("computes what the loops compute, whatever the way, in either memory order", () => {
    const random = new Random(6);
    for (let i = 0; i < 120; i++) {
      const { x, w, b, options } = drawn(random, i);
      const images = i % 2 ? inOrder(x, true) : x;
      const mine = all([images, w, b], options, null);
      const truth = all(
        [x, w, b].map((t) => t.to("float64")),
        options,
        mine[4],
      );
      for (let k = 0; k < 4; k++) {
        if (mine[k].size === 0) continue;
        const scale = truth[k].abs().max().item() + 1e-6;
        const error = mine[k].to("float64").sub(truth[k]).abs().max().item() / scale;
        expect([i, k, error < 3e-6]).toEqual([i, k, true]);
      }
    }
  });

  it.skipIf(!blasBase())("with a BLAS, tiles of 2, errs by less than 1e-6 of the largest result", () => {
    const random = new Random(4);
    for (const [C, O, side] of [
      [64, 128, 16],
      [128, 64, 8],
      [32, 48, 7],
    ]) {
      const inputs = [[2, C, side, side], [O, C, 3, 3], [O]].map((shape) => randn(shape, { random }));
      const mine = all(inputs, { padding: 1 }, null);
      const truth = all(
        inputs.map((t) => t.to("float64")),
        { padding: 1 },
        mine[4],
      );
      for (let k = 0; k < 3; k++) {
        const error = mine[k].to("float64").sub(truth[k]).abs().max().item();
        expect(error).toBeLessThan(1e-6 * truth[k].abs().max().item());
      }
    }
  });

  it("gives results and gradients of images channels last", () => {
    const [x, w, b] = [randn([2, 8, 6, 6]), randn([16, 8, 3, 3]), zeros([16])];
    const [y, dx, dw] = all([x, w, b], { padding: 1 }, null);
    expect([isChannelsLast(y), isChannelsLast(dx), dw.isContiguous()]).toEqual([true, true, true]);
    expect(isChannelsLast(y.relu().mul(2).add(y))).toBe(true);
  });

  it("is computed with the same bits by one thread and by several", async () => {
    const cases = [
      [randn([16, 8, 20, 20]), randn([32, 8, 3, 3]), { padding: 1 }],
      [randn([8, 3, 32, 32]), randn([32, 3, 5, 5]), { padding: 2, stride: 2 }],
      [randn([8, 32, 16, 16]), randn([32, 1, 3, 3]), { padding: 1, groups: 32 }],
    ] as const;
    const run = () => cases.map(([x, w, options]) => all([x, w, zeros([w.shape[0]])], options, null));
    useThreads(1);
    const alone = run();
    useThreads(2);
    for (let tries = 0; threads().working < 2 && tries < 100; tries++) {
      run();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const bytes = ({ data }: Tensor) => Buffer.from(data.slice().buffer);
    const differ = run().map((tensors, i) =>
      tensors.flatMap((t, k) => (bytes(t).equals(bytes(alone[i][k])) ? [] : [k])),
    );
    expect(differ).toEqual([[], [], []]);
  });

  it("keeps its room: what a piece needs is in scratch, whatever the sizes", () => {
    const wide = randn([1, 3, 2, 3000]);
    expect(conv2d(wide, randn([4, 3, 3, 3]), null, { padding: 1 }).shape).toEqual([1, 4, 2, 3000]);
    const deep = randn([1, 900, 4, 4]);
    const filters = randn([8, 900, 3, 3]);
    const y = conv2d(deep, filters, null, { padding: 1 });
    const truth = conv2d(deep.to("float64"), filters.to("float64"), null, { padding: 1 });
    expect(y.to("float64").sub(truth).abs().max().item()).toBeLessThan(1e-4 * truth.abs().max().item());
  });
});

describe("detectAnomaly", () => {
  /** Where a result is NaN or ∞, and which. */
  const marks = (t: Tensor) => [...t.contiguous().data].map((n) => (Number.isFinite(n) ? "." : String(n)));

  it("finds every NaN and ∞ where the direct sum has it, in results and gradients", () => {
    const random = new Random(11);
    const draw = (shape: number[]) => randn(shape, { random });
    for (const special of [NaN, Infinity, -Infinity]) {
      for (const at of [9, 37, 200]) {
        const inputs = [draw([2, 8, 9, 7]), draw([12, 8, 3, 3]), draw([12])];
        const g = draw([2, 12, 9, 7]);
        g.data[at] = special;
        const doubles = inputs.map((t) => t.to("float64"));
        const gradients = detectAnomaly(() => all(inputs, { padding: 1 }, g));
        expect(gradients.map(marks)).toEqual(all(doubles, { padding: 1 }, g).map(marks));
        inputs[0].data[at] = special;
        const [x, w, b] = inputs;
        const y = detectAnomaly(() => conv2d(x, w, b, { padding: 1 }));
        const truth = conv2d(x.to("float64"), doubles[1], doubles[2], { padding: 1 });
        expect(marks(y)).toEqual(marks(truth));
      }
    }
  });

  it("does not take a single ∞ for the cause of a NaN", () => {
    const x = zeros([1, 8, 4, 4]);
    x.data[5] = Infinity;
    const w = randn([8, 8, 3, 3], { random: new Random(2) });
    const look = () => conv2d(x, w, null, { padding: 1 });
    expect(look().isNaN().any().item()).toBeTruthy(); // Winograd's products subtract ∞ from ∞
    expect(detectAnomaly(look).isNaN().any().item()).toBeFalsy();
  });
});

describe("wayOf", () => {
  const geometry = { stride: [1, 1], padding: [1, 1], dilation: [1, 1], groups: 1 } as const;
  const sizes = { ...geometry, N: 1, C: 16, H: 8, W: 8, O: 16, K: 3, L: 3, outH: 8, outW: 8 };
  const way = (changed: object, dtype: "float32" | "float64" = "float32") =>
    wayOf(zeros([1], { dtype }), { ...sizes, ...changed }).images;

  it("takes Winograd for 3×3, a direct sum for one filter per channel, products of rows for the rest", () => {
    expect(way({})).toBe(winogradImages);
    expect(way({ groups: 16 })).toBe(depthwiseImages);
    expect(way({ stride: [2, 2] })).toBe(loweredImages);
    expect(way({ C: 3 })).toBe(loweredImages);
    expect(way({ K: 5 })).toBe(loweredImages);
  });

  it("takes the loops for float64, and for rows that fit into no piece", () => {
    const loops = way({}, "float64");
    expect([winogradImages, depthwiseImages, loweredImages]).not.toContain(loops);
    expect(way({ C: 100_000 })).toBe(loops);
  });
});
