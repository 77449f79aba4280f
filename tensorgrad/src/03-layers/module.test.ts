import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ones, type Tensor, tensor } from "../01-tensor/index.ts";
import { ReLU } from "../02-activations/index.ts";
import "tensorgrad";
import { Net, paths, Tied } from "../../tests/03-layers/module.fixture.ts";
import { Dropout, Flatten, type Layer, Linear, Module, Parameter, Sequential } from "./index.ts";

describe("parameters", () => {
  it("are found in modules, in lists of modules and below activations, in the order of properties", () => {
    const net = new Net();
    expect(net.namedParameters().map(([path]) => path)).toEqual(paths);
    expect(net.parameters().every((p, i) => p === net.namedParameters()[i][1])).toBe(true);
    expect(net.parameters().every((p) => p instanceof Parameter && p.requiresGrad && p.isLeaf)).toBe(true);
  });

  it("are found wherever a module holds them: lists, Maps, Sets, plain objects, layers without a class, nested", () => {
    const { holder } = fc.letrec<{ holder: unknown }>((tie) => {
      const below = fc.array(
        fc.oneof({ depthSize: "small" }, fc.constant("parameter"), fc.constant("linear"), tie("holder")),
        {
          maxLength: 3,
        },
      );
      return { holder: fc.tuple(fc.constantFrom("list", "map", "set", "object", "layer"), below) };
    });
    fc.assert(
      fc.property(holder, (plan) => {
        const made: Parameter[] = [];
        const model = new Holding(build(plan, made));
        expect(new Set(model.parameters())).toEqual(new Set(made));
        expect(model.parameters()).toHaveLength(made.length);
        expect(Object.keys(model.stateDict())).toHaveLength(made.length);
        const paths = model.namedParameters().map(([path]) => path);
        model.to("float64");
        expect(model.namedParameters().map(([path, { dtype }]) => `${path} ${dtype}`)).toEqual(
          paths.map((path) => `${path} float64`),
        );
      }),
    );
  });

  it("bear the keys that lead to them", () => {
    const model = new Holding({
      heads: new Map([["en", new Linear(1, 1, { bias: false })]]),
      scales: { deep: [new Parameter(ones([1]))] },
      own: { gain: new Parameter(ones([1])), forward: (x: Tensor) => x },
    });
    expect(model.namedParameters().map(([path]) => path)).toEqual([
      "held.scales.deep.0",
      "held.own.gain",
      "held.heads.en.weight",
    ]);
    expect(model.modules().map(([path]) => path)).toEqual(["", "held.heads.en"]);
  });

  it("are refused where two have one path", () => {
    const one = (): Parameter => new Parameter(ones([1]));
    const model = new Holding(
      new Map<unknown, unknown>([
        [1, one()],
        ["1", one()],
      ]),
    );
    expect(() => model.parameters()).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: Holding: two tensors are called "held.1" — a path leads to one; rename a property or a Map's key]`,
    );
  });

  it("of things that hold themselves are found once", () => {
    const cyclic: Record<string, unknown> = { weight: new Parameter(ones([1])) };
    cyclic.self = cyclic;
    const layer: Record<string, unknown> = { weight: new Parameter(ones([1])), forward: (x: Tensor) => x };
    layer.self = layer;
    expect(new Holding([cyclic, layer]).parameters()).toHaveLength(2);
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
      `[TypeError: to: "int32" — parameters are float32 or float64, or in 16 bits, float16 or bfloat16]`,
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

class Holding extends Module {
  readonly held: unknown;
  constructor(held: unknown) {
    super();
    this.held = held;
  }
  override forward(x: Tensor): Tensor {
    return x;
  }
}

/** What a plan describes; notes every parameter that it makes. */
function build(plan: unknown, made: Parameter[]): unknown {
  if (plan === "parameter") {
    made.push(new Parameter(ones([1])));
    return made.at(-1);
  }
  if (plan === "linear") {
    const layer = new Linear(1, 1, { bias: false });
    made.push(layer.weight);
    return layer;
  }
  const [kind, below] = plan as readonly [string, readonly unknown[]];
  const values = below.map((one) => build(one, made));
  if (kind === "map") return new Map(values.map((value, i) => [`key${i}`, value]));
  if (kind === "set") return new Set(values);
  if (kind === "list") return values;
  const object = Object.fromEntries(values.map((value, i) => [`key${i}`, value]));
  return kind === "layer" ? { ...object, forward: (x: Tensor) => x } : object;
}
