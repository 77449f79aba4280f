import { describe, expect, it } from "vitest";
import { ones, type Tensor, tensor, zeros } from "../../src/01-tensor/index.ts";
import "tensorgrad";
import { Linear, Module, Parameter } from "../../src/03-layers/index.ts";
import { Net, numbers, paths, Tied } from "./module.fixture.ts";

describe("stateDict", () => {
  it("holds parameters and buffers, each under its path", () => {
    const buffers = ["mean", "blocks.0.calls", "blocks.1.2.calls"];
    expect(Object.keys(new Net().stateDict()).sort()).toEqual([...paths, ...buffers].sort());
  });

  it("shows the numbers of now, without a graph", () => {
    const layer = new Linear(1, 1);
    const { weight } = layer.stateDict();
    layer.weight.assign([5]);
    expect(weight.item()).toBe(5);
    expect(weight.requiresGrad).toBe(false);
  });

  it("goes back through loadStateDict, into a model of other numbers", () => {
    const [from, to] = [new Net(), new Net()];
    from.mean.assign([7, 8, 9]);
    from.blocks[0].stateDict().calls.assign([3]);
    const before = to.parameters();
    to.loadStateDict(from.stateDict());
    expect(numbers(to)).toEqual(numbers(from));
    expect(to.parameters().every((p, i) => p === before[i])).toBe(true);
    from.input.weight.assign(zeros([3, 2]));
    expect(numbers(to)).not.toEqual(numbers(from)); // copied, not shared
  });

  it("is converted to the model's dtype", () => {
    const layer = new Linear(1, 1, { bias: false });
    layer.loadStateDict({ weight: tensor([[0.1]], { dtype: "float64" }) });
    expect(layer.weight.dtype).toBe("float32");
    expect(layer.weight.item()).toBe(Math.fround(0.1));
  });

  it("is refused as a whole, with all that is wrong with it", () => {
    const net = new Net();
    const before = numbers(net);
    const { "input.bias": _, mean: __, ...rest } = new Net().stateDict();
    const wrong = { ...rest, "input.weight": zeros([2, 3]), "blocks.0.gain": zeros([4]), fc: zeros([1]) };
    expect(() => net.loadStateDict(wrong)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: loadStateDict: missing: mean, input.bias; unexpected: fc; of another shape: input.weight ([2, 3] for [3, 2]), blocks.0.gain ([4] for [3]) — names and shapes must be those of Net]`,
    );
    expect(() =>
      net.loadStateDict({ ...net.stateDict(), head: ones([1]) }),
    ).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: loadStateDict: unexpected: head — names and shapes must be those of Net]`,
    );
    expect(numbers(net)).toEqual(before);
  });

  it("is refused where values are no tensors, or there is no dictionary", () => {
    const layer = new Linear(1, 2);
    const load = (values: unknown) => () => layer.loadStateDict(values as Record<string, Tensor>);
    expect(load({ weight: zeros([2, 1]), bias: [0, 0] })).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: loadStateDict: no tensor: bias — names and shapes must be those of Linear]`,
    );
    expect(load(null)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: loadStateDict: null in place of a dictionary of tensors — names and shapes must be those of Linear]`,
    );
    expect(load({ weight: zeros([2, 1]), bias: undefined })).toThrow("no tensor: bias");
  });

  it("is refused where a value was freed, before anything is changed", () => {
    const model = new Linear(2, 1);
    const before = model.weight.toArray();
    const [weight, bias] = [ones([1, 2]), ones([1])];
    bias.storage.free();
    expect(() => model.loadStateDict({ weight, bias })).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: loadStateDict: already freed: bias — names and shapes must be those of Linear]`,
    );
    expect(model.weight.toArray()).toEqual(before);
  });

  it("does not take what every object inherits for a key", () => {
    class Inherited extends Module {
      readonly parts = { constructor: 1 };
      constructor() {
        super();
        Object.defineProperty(this, "toLocaleString", { value: new Parameter(ones([1])), enumerable: true });
      }
      override forward(x: Tensor): Tensor {
        return x;
      }
    }
    expect(() => new Inherited().loadStateDict({})).toThrow("missing: toLocaleString");
  });

  it("has a shared parameter under each of its names, which all must be given", () => {
    const tied = new Tied();
    expect(Object.keys(tied.stateDict())).toEqual(["again", "first.weight", "second.weight"]);
    tied.loadStateDict(new Tied().stateDict());
    expect(tied.second.weight).toBe(tied.first.weight);
  });
});
