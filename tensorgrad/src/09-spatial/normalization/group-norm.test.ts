import { describe, expect, it } from "vitest";
import { Random } from "../../00-runtime/index.ts";
import { randn, type Tensor, tensor, zeros } from "../../01-tensor/index.ts";
import { grad } from "../../05-autograd/index.ts";
import { GroupNorm, groupNorm, InstanceNorm2d, instanceNorm } from "../index.ts";

const double = { dtype: "float64" } as const;
const distance = (a: Tensor, b: Tensor): number => a.sub(b).abs().max().item();

describe("groupNorm", () => {
  it("shifts and scales every group of channels of every image", () => {
    const x = tensor([[1, 3, -10, 10]]);
    expect(groupNorm(x, 2, null, null, { eps: 0 }).toArray()).toEqual([[-1, 1, -1, 1]]);
    const [weight, bias] = [tensor([1, 2, 1, 2]), tensor([0, 0, 5, 5])];
    expect(groupNorm(x, 2, weight, bias, { eps: 0 }).toArray()).toEqual([[-1, 2, 4, 7]]);
  });

  it("does not look at other images", () => {
    const x = randn([3, 4, 2, 3], { random: new Random(1), ...double });
    const alone = groupNorm(x.narrow(0, 1, 1), 2);
    expect(distance(groupNorm(x, 2).narrow(0, 1, 1), alone)).toBeLessThan(1e-15);
  });

  it("has the same gradients fused and by the differentiable rule", () => {
    const random = new Random(2);
    const x = randn([2, 6, 3, 2], { random, ...double, requiresGrad: true });
    const y = groupNorm(x, 3);
    const v = { gradOutputs: randn(y.shape, { random, ...double }) };
    const [fused] = grad(y, [x], { ...v, retainGraph: true });
    const [rule] = grad(y, [x], { ...v, createGraph: true });
    expect(distance(fused, rule)).toBeLessThan(1e-13);
  });

  it("as a layer starts with weight 1 and bias 0", () => {
    expect(String(new GroupNorm(2, 4))).toBe("GroupNorm(2, 4) — 8 parameters: weight [4], bias [4]");
    expect(String(new GroupNorm(2, 4, { affine: false }))).toBe("GroupNorm(2, 4, affine: false)");
    const x = randn([2, 4, 3], { random: new Random(3) });
    expect([...new GroupNorm(2, 4).forward(x).data]).toEqual([...groupNorm(x, 2).data]);
  });

  it("names groups that do not divide the channels, and what does not fit", () => {
    expect(() => groupNorm(zeros([2, 3, 4, 4]), 2)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: groupNorm: 3 channels of input [2, 3, 4, 4] in 2 groups — the groups must divide the channels evenly]`,
    );
    expect(() => new GroupNorm(3, 4)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: GroupNorm: 4 channels in 3 groups — the groups must divide the channels evenly]`,
    );
    expect(() => new GroupNorm(0, 4)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: GroupNorm: 0 groups — must be a whole number, 1 or more]`,
    );
    expect(() => new GroupNorm(1.5, 4)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: GroupNorm: 1.5 groups — must be a whole number, 1 or more]`,
    );
    expect(() => new GroupNorm(2, 4).forward(zeros([2, 3]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: GroupNorm(2, 4): expected input [N, 4, …], got [2, 3]]`,
    );
    expect(() => groupNorm(zeros([2, 4]), 2, zeros([2]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: groupNorm: weight [2] for input [2, 4] — one number per channel, [4]]`,
    );
  });
});

describe("instanceNorm", () => {
  it("shifts and scales every channel of every image", () => {
    const x = tensor([
      [
        [1, 3],
        [0, 20],
      ],
    ]);
    expect(instanceNorm(x, null, null, null, null, { eps: 0 }).toArray()).toEqual([
      [
        [-1, 1],
        [-1, 1],
      ],
    ]);
  });

  it("keeps running statistics only if asked, and uses them in evaluation", () => {
    // import torch; m = torch.nn.InstanceNorm2d(1, track_running_stats=True, momentum=0.5)
    // m(torch.tensor([[[[0., 2.]]], [[[4., 8.]]]])); print(m.running_mean, m.running_var)
    const layer = new InstanceNorm2d(1, { trackRunningStats: true, momentum: 0.5 });
    layer.forward(tensor([[[[0, 2]]], [[[4, 8]]]]));
    expect([layer.runningMean?.item(), layer.runningVar?.item()]).toEqual([1.75, 3]);
    const y = layer.eval().forward(tensor([[[[1.75, 1.75]]]]));
    expect([...y.data]).toEqual([0, 0]);
    expect(Object.keys(new InstanceNorm2d(2).stateDict())).toEqual([]);
    expect(String(new InstanceNorm2d(2, { affine: true }))).toBe(
      "InstanceNorm2d(2, affine: true) — 4 parameters: weight [2], bias [2]",
    );
  });

  it("names channels of one number, and what does not fit", () => {
    expect(() => instanceNorm(zeros([2, 3, 1, 1]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: instanceNorm: input [2, 3, 1, 1] — one number per channel of an image has no variance; it needs at least two pixels]`,
    );
    expect(() => new InstanceNorm2d(3).forward(zeros([2, 4, 5, 5]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: InstanceNorm2d(3): expected input [N, 3, H, W], got [2, 4, 5, 5]]`,
    );
    expect(() => instanceNorm(zeros([2, 3, 2, 2]), zeros([2]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: instanceNorm: runningMean [2] for input [2, 3, 2, 2] — one number per channel, [3]]`,
    );
  });
});
