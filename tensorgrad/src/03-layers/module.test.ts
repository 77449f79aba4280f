import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ones, type Tensor, tensor, zeros } from "../01-tensor/index.ts";
import { ReLU, Softmax } from "../02-activations/index.ts";
import "../05-autograd/index.ts";
import { Dropout, Flatten, type Layer, Linear, Module, Parameter, Sequential } from "./index.ts";

/** x·gain + shift, with a counter of how often it ran. */
class Scale extends Module {
  readonly gain: Parameter;
  readonly shift: Parameter;
  readonly calls = tensor([0], { dtype: "int32" });

  constructor(size: number) {
    super();
    [this.gain, this.shift] = [new Parameter(ones([size])), new Parameter(zeros([size]))];
  }

  override forward(x: Tensor): Tensor {
    return x.mul(this.gain).add(this.shift);
  }

  protected override describe(): string {
    return String(this.gain.size);
  }
}

class Net extends Module {
  readonly input = new Linear(2, 3);
  readonly blocks = [new Scale(3), new Sequential(new ReLU(), new Dropout(0.1), new Scale(3))];
  readonly act = new Softmax();
  readonly mean = zeros([3]);
  readonly name = "net";

  override forward(x: Tensor): Tensor {
    return this.act.forward(
      this.blocks.reduce((y, block) => block.forward(y), this.input.forward(x)).sub(this.mean),
    );
  }
}

/** One matrix under two names, as embeddings and output layers of language models share theirs. */
class Tied extends Module {
  readonly first = new Linear(2, 2, { bias: false });
  readonly second = new Linear(2, 2, { bias: false });
  readonly again = this.first.weight;

  constructor() {
    super();
    Object.assign(this.second, { weight: this.first.weight });
  }

  override forward(x: Tensor): Tensor {
    return this.second.forward(this.first.forward(x));
  }
}

const paths = [
  "input.weight",
  "input.bias",
  "blocks.0.gain",
  "blocks.0.shift",
  "blocks.1.2.gain",
  "blocks.1.2.shift",
];

describe("parameters", () => {
  it("are found in modules, in lists of modules and below activations, in the order of properties", () => {
    const net = new Net();
    expect(net.namedParameters().map(([path]) => path)).toEqual(paths);
    expect(net.parameters().every((p, i) => p === net.namedParameters()[i][1])).toBe(true);
    expect(net.parameters().every((p) => p instanceof Parameter && p.requiresGrad && p.isLeaf)).toBe(true);
  });

  it("count once when shared", () => {
    expect(new Tied().namedParameters().map(([path]) => path)).toEqual(["again"]);
    const layer = new Linear(2, 2);
    expect(new Sequential(layer, new ReLU(), layer).parameters()).toHaveLength(2);
  });

  it("add up over any tree of layers", () => {
    const sizes = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }));
    const { tree } = fc.letrec<{ tree: (readonly [number, number] | Tree)[] }>((tie) => ({
      tree: fc.array(fc.oneof({ depthSize: "small" }, sizes, tie("tree"))),
    }));
    type Tree = (readonly [number, number] | Tree)[];
    const isLeaf = (node: readonly [number, number] | Tree): node is readonly [number, number] =>
      typeof node[0] === "number";
    const build = (nodes: Tree): Sequential =>
      new Sequential(...nodes.map((node): Layer => (isLeaf(node) ? new Linear(...node) : build(node))));
    const count = (nodes: Tree): number =>
      nodes.reduce((sum, node) => sum + (isLeaf(node) ? (node[0] + 1) * node[1] : count(node)), 0);
    fc.assert(
      fc.property(tree, (nodes) => {
        const model = build(nodes);
        expect(model.parameters().reduce((sum, p) => sum + p.size, 0)).toBe(count(nodes));
        expect(Object.keys(model.stateDict())).toEqual(model.namedParameters().map(([path]) => path));
      }),
      { numRuns: 30 },
    );
  });

  it("take over a tensor's memory", () => {
    const data = tensor([1, 2]);
    const parameter = new Parameter(data);
    expect(parameter.storage).toBe(data.storage);
    expect(data.requiresGrad).toBe(false);
  });

  it("copy a strided view: their memory is theirs alone, in row-major order", () => {
    const data = tensor([
      [1, 2],
      [3, 4],
    ]);
    const parameter = new Parameter(data.t());
    expect(parameter.isContiguous()).toBe(true);
    expect([...parameter.data]).toEqual([1, 3, 2, 4]);
    expect(parameter.isLeaf).toBe(true);
  });

  it("lose their gradients together", () => {
    const net = new Net();
    net
      .forward(ones([4, 2]))
      .square()
      .sum()
      .backward();
    expect(net.parameters().every((p) => p.grad?.size === p.size)).toBe(true);
    net.zeroGrad();
    expect(net.parameters().every((p) => p.grad === null)).toBe(true);
  });
});

describe("modules", () => {
  it("form a tree: one that contains itself is named", () => {
    class Loop extends Module {
      readonly inner = new Sequential(new ReLU(), this);
      override forward(x: Tensor): Tensor {
        return x;
      }
    }
    expect(() => new Loop().parameters()).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: Loop: contains itself, at "inner.1" — parts of a module form a tree; keep a reference to a module above in a #private field]`,
    );
    expect(() => String(new Loop())).toThrow("contains itself");
  });

  it("may use one part twice", () => {
    const shared = new Linear(2, 2);
    expect(new Sequential(shared, shared).modules().map(([path]) => path)).toEqual(["", "0", "1"]);
  });
});

describe("train and eval", () => {
  it("reach every part", () => {
    const net = new Net();
    expect(net.eval()).toBe(net);
    expect(net.modules().map(([path, { training }]) => [path, training])).toEqual([
      ["", false],
      ["input", false],
      ["blocks.0", false],
      ["blocks.1", false],
      ["blocks.1.1", false],
      ["blocks.1.2", false],
    ]);
    expect(
      net
        .train()
        .modules()
        .every(([, { training }]) => training),
    ).toBe(true);
  });
});

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

describe("to", () => {
  it("converts parameters and float buffers, not integers", () => {
    const net = new Net().eval();
    const x = tensor([[1, -1]]);
    const before = net.forward(x).data;
    expect(net.to("float64")).toBe(net);
    const dtypes = Object.entries(net.stateDict()).map(
      ([path, { dtype }]) => (path.endsWith("calls") ? "-" : "") + dtype,
    );
    expect(new Set(dtypes)).toEqual(new Set(["float64", "-int32"]));
    const after = net.forward(x.to("float64"));
    expect(after.dtype).toBe("float64");
    for (const [i, value] of Array.from(after.data).entries()) expect(value).toBeCloseTo(before[i], 6);
    expect(net.parameters().map((p) => p.requiresGrad)).toEqual(paths.map(() => true));
  });

  it("keeps shared parameters shared", () => {
    const tied = new Tied().to("float64");
    expect(tied.parameters()).toHaveLength(1);
    expect(tied.second.weight).toBe(tied.first.weight);
  });

  it("leaves alone what has the dtype already, so that an optimizer keeps hold of it", () => {
    const layer = new Linear(2, 2);
    const { weight } = layer;
    expect(layer.to("float32").weight).toBe(weight);
  });

  it("refuses dtypes without gradients, before anything changes", () => {
    const net = new Net();
    expect(() => net.to("int32")).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: to: "int32" — parameters are float32 or float64]`,
    );
    expect(net.parameters().every((p) => p.dtype === "float32")).toBe(true);
  });
});

describe("toString", () => {
  it("draws the tree with settings, counts and shapes", () => {
    const mlp = new Sequential(
      new Flatten(),
      new Linear(784, 128),
      new ReLU(),
      new Dropout(0.2),
      new Linear(128, 10),
    );
    expect(String(mlp)).toMatchInlineSnapshot(`
      "Sequential() — 101,770 parameters
        0: Flatten()
        1: Linear(784 → 128) — 100,480 parameters: weight [128, 784], bias [128]
        2: ReLU()
        3: Dropout(p: 0.2)
        4: Linear(128 → 10) — 1,290 parameters: weight [10, 128], bias [10]"
    `);
    expect(String(new Net())).toMatchInlineSnapshot(`
      "Net() — 21 parameters: buffer mean [3]
        input: Linear(2 → 3) — 9 parameters: weight [3, 2], bias [3]
        blocks.0: Scale(3) — 6 parameters: gain [3], shift [3], buffer calls [1]
        blocks.1: Sequential() — 6 parameters
          0: ReLU()
          1: Dropout(p: 0.1)
          2: Scale(3) — 6 parameters: gain [3], shift [3], buffer calls [1]
        act: Softmax(dim: -1)"
    `);
  });
});

describe("toString of one parameter", () => {
  it("is in the singular", () => {
    expect(String(new Linear(1, 1, { bias: false }))).toBe(
      "Linear(1 → 1, bias: false) — 1 parameter: weight [1, 1]",
    );
  });
});

const numbers = (module: Module): Record<string, number[]> =>
  Object.fromEntries(Object.entries(module.stateDict()).map(([path, { data }]) => [path, [...data]]));
