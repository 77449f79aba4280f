import { checkpoint } from "tensorgrad";
import { describe, expect, it } from "vitest";
import { defaultRandom, heap } from "../../src/00-runtime/index.ts";
import { ones, randn, type Tensor, tensor, zeros } from "../../src/01-tensor/index.ts";
import { Dropout, Linear, Module, Parameter, Sequential } from "../../src/03-layers/index.ts";
import { MSELoss } from "../../src/04-losses/index.ts";
import { Adam, AdamW, CombinedOptimizer, type Move, Optimizer, SGD } from "../../src/06-optimizers/index.ts";
import { decodeModel, exportOnnx, trainingMasks, trainingState } from "../../src/onnx/index.ts";

const x = ones([2, 3]);
const targets = zeros([2, 1]);
const loss = new MSELoss();

describe("exportOnnx with { gradients: { optimizer } }", () => {
  it("takes parameters and state as inputs and gives the next ones as outputs", () => {
    const model = new Linear(3, 1);
    const optimizer = new SGD(model.parameters(), { lr: 0.1, momentum: 0.9 });
    const { graph } = decodeModel(exportOnnx(model, x, { gradients: { loss, targets, optimizer } }));
    expect(graph?.input.map(({ name }) => name)).toEqual([
      ...["input", "target"],
      ...["weight", "velocity.weight", "bias", "velocity.bias", "step"],
    ]);
    expect(graph?.output.map(({ name }) => name)).toEqual([
      ...["output", "loss"],
      ...["next.weight", "next.velocity.weight", "next.bias", "next.velocity.bias", "next.step"],
    ]);
    expect(graph?.initializer.map(({ name }) => name)).not.toContain("weight");
  });

  it("writes one Adam step as plain nodes; both bias corrections are computed once, in float64", () => {
    const model = new Linear(3, 1, { bias: false });
    const optimizer = new AdamW(model.parameters(), { lr: 0.1 });
    const bytes = exportOnnx(model, x, { gradients: { loss, targets, optimizer } });
    const nodes = decodeModel(bytes).graph?.node.filter(({ name }) => name?.startsWith("step/")) ?? [];
    const said = nodes.map(({ output, opType, input }) => `${output[0]} = ${opType}(${input.join(", ")})`);
    expect(said).toMatchInlineSnapshot(`
      [
        "step/Mul = Mul(weight, constant_1)",
        "step/Sub = Sub(backward/MatMul, m.weight)",
        "step/Mul_1 = Mul(step/Sub, constant_4)",
        "next.m.weight = Add(m.weight, step/Mul_1)",
        "next.step = Add(step, constant_5)",
        "step/Cast = Cast(next.step)",
        "step/Pow = Pow(constant_6, step/Cast)",
        "step/Neg = Neg(step/Pow)",
        "step/Add_2 = Add(step/Neg, constant_7)",
        "step/Reciprocal = Reciprocal(step/Add_2)",
        "step/Mul_2 = Mul(step/Reciprocal, constant_8)",
        "step/Cast_1 = Cast(step/Mul_2)",
        "step/Mul_3 = Mul(next.m.weight, step/Cast_1)",
        "step/Mul_4 = Mul(v.weight, constant_9)",
        "step/Mul_5 = Mul(backward/MatMul, backward/MatMul)",
        "step/Mul_6 = Mul(step/Mul_5, constant_10)",
        "next.v.weight = Add(step/Mul_4, step/Mul_6)",
        "step/Sqrt = Sqrt(next.v.weight)",
        "step/Cast_2 = Cast(next.step)",
        "step/Pow_1 = Pow(constant_11, step/Cast_2)",
        "step/Neg_1 = Neg(step/Pow_1)",
        "step/Add_4 = Add(step/Neg_1, constant_12)",
        "step/Sqrt_1 = Sqrt(step/Add_4)",
        "step/Cast_3 = Cast(step/Sqrt_1)",
        "step/Div = Div(step/Sqrt, step/Cast_3)",
        "step/Add_5 = Add(step/Div, constant_13)",
        "step/Div_1 = Div(step/Mul_3, step/Add_5)",
        "next.weight = Sub(step/Mul, step/Div_1)",
      ]
    `);
  });

  it("leaves model and optimizer as they were", () => {
    const model = new Sequential(new Linear(3, 2), new Linear(2, 1));
    const optimizer = new Adam(model.parameters());
    const before = [heap.live, JSON.stringify(optimizer.stateDict().steps)];
    exportOnnx(model, x, { gradients: { loss, targets, optimizer } });
    expect([heap.live, JSON.stringify(optimizer.stateDict().steps)]).toEqual(before);
    expect(model.parameters().every(({ grad }) => grad === null)).toBe(true);
  });
});

describe("dropout in an exported training step", () => {
  const model = new Sequential(new Linear(3, 4), new Dropout(0.5), new Linear(4, 1), new Dropout(0.25));
  const optimizer = new SGD(model.parameters());
  const inputsOf = (bytes: Uint8Array) =>
    decodeModel(bytes).graph?.input.map(({ name, type }) => {
      const dims = type?.tensorType?.shape?.dim.map(({ dimParam, dimValue }) => dimParam || Number(dimValue));
      return `${name} [${dims?.join(", ")}]`;
    });

  it("is an input after the data, named after its layer, for any batch", () => {
    const bytes = exportOnnx(model, x, { gradients: { loss, targets, optimizer } });
    expect(inputsOf(bytes)?.slice(0, 4)).toEqual([
      ...["input [N, 3]", "target [N, 1]", "mask.1 [N, 4]", "mask.3 [N, 1]"],
    ]);
    const alone = exportOnnx(model, x, { gradients: { loss, targets } });
    expect(inputsOf(alone)).toEqual([...["input [N, 3]", "target [N, 1]", "mask.1 [N, 4]", "mask.3 [N, 1]"]]);
  });

  it("is left out in evaluation mode, and of a forward pass", () => {
    expect(inputsOf(exportOnnx(model, x))).toEqual(["input [N, 3]"]);
    model.eval();
    const bytes = exportOnnx(model, x, { gradients: { loss, targets } });
    expect(inputsOf(bytes)).toEqual(["input [N, 3]", "target [N, 1]"]);
    model.train();
  });

  it("gets a number where a layer is used again", () => {
    class Twice extends Module {
      readonly inner = new Linear(3, 3);
      readonly dropout = new Dropout(0.5);
      override forward(x: Tensor): Tensor {
        return this.dropout.forward(this.inner.forward(this.dropout.forward(x)));
      }
    }
    const bytes = exportOnnx(new Twice(), x, { gradients: { loss: (y: Tensor) => y.sum() } });
    expect(inputsOf(bytes)).toEqual(["input [N, 3]", "mask.dropout [N, 3]", "mask.dropout_1 [N, 3]"]);
  });

  it("is found inside a checkpoint, whose operations an export shows", () => {
    class Saving extends Module {
      readonly dropout = new Dropout(0.5);
      readonly inner = new Linear(3, 3);
      override forward(x: Tensor): Tensor {
        return checkpoint((h) => this.dropout.forward(this.inner.forward(h).tanh()), x);
      }
    }
    const bytes = exportOnnx(new Saving(), x, { gradients: { loss: (y: Tensor) => y.sum() } });
    expect(inputsOf(bytes)).toEqual(["input [N, 3]", "mask.dropout [N, 3]"]);
    const ops = decodeModel(bytes).graph?.node.map(({ opType }) => opType);
    expect(ops).toContain("Tanh");
  });

  it("is drawn by trainingMasks: zeros and 1/(1 − p), new ones every time", () => {
    const rows = ones([50, 3]);
    const live = heap.live;
    const [first, second] = [trainingMasks(model, rows), trainingMasks(model, rows)];
    expect(Object.entries(first).map(([name, { shape }]) => [name, shape])).toEqual([
      ["mask.1", [50, 4]],
      ["mask.3", [50, 1]],
    ]);
    expect(new Set(first["mask.1"].data)).toEqual(new Set([0, 2]));
    expect(new Set(first["mask.3"].data)).toEqual(new Set([0, Math.fround(1 / 0.75)]));
    expect(first["mask.1"].toArray()).not.toEqual(second["mask.1"].toArray());
    expect(trainingMasks(model.eval(), x)).toEqual({});
    model.train();
    expect(heap.live).toBeLessThan(live + 2 * 4 * (200 + 50) + 4 * 128); // the masks and nothing else;
  });

  it("leaves the generator where it was", () => {
    const before = defaultRandom.state;
    exportOnnx(model, x, { gradients: { loss, targets, optimizer } });
    expect(defaultRandom.state).toEqual(before);
  });
});

describe("an optimizer of one's own", () => {
  class SignSGD extends Optimizer<{ lr: number }> {
    protected override remembers(): string[] {
      return [];
    }
    protected override update(p: Tensor, g: Tensor): void {
      p.assign(p.sub(g.sign()).data);
    }
    override moves({ lr }: { lr: number }): Move {
      return ({ p }, g) => ({ p: p.sub(g.sign().mul(lr)), state: {} });
    }
  }

  it("is exported when it says its step in tensor operations", () => {
    const model = new Linear(3, 1, { bias: false });
    const optimizer = new SignSGD(model.parameters(), { lr: 1 });
    const bytes = exportOnnx(model, x, { gradients: { loss, targets, optimizer } });
    const nodes = decodeModel(bytes).graph?.node.filter(({ name }) => name?.startsWith("step/")) ?? [];
    expect(nodes.map(({ opType }) => opType)).toEqual(["Sign", "Mul", "Sub", "Add"]);
  });

  it("is exported beside another, each with its own group", () => {
    const model = new Linear(3, 1);
    const optimizer = new CombinedOptimizer(
      new SignSGD([model.weight], { lr: 1 }),
      new SGD([model.bias as Tensor], { lr: 0.1, momentum: 0.9 }),
    );
    const { graph } = decodeModel(exportOnnx(model, x, { gradients: { loss, targets, optimizer } }));
    expect(graph?.input.map(({ name }) => name)).toEqual([
      ...["input", "target", "weight", "bias", "velocity.bias", "step"],
    ]);
    expect(() => optimizer.moves({ lr: 1 }, tensor(1))).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: CombinedOptimizer.moves: settings of no group — pass those of one of its groups]`,
    );
  });
});

describe("trainingState", () => {
  it("holds the inputs of the graph that are not data", () => {
    const model = new Linear(3, 1);
    const optimizer = new AdamW(model.parameters());
    model.forward(x).sum().backward();
    optimizer.step();
    const state = trainingState(model, optimizer);
    expect(Object.keys(state)).toEqual([
      ...["weight", "m.weight", "v.weight", "bias", "m.bias", "v.bias", "step"],
    ]);
    expect([state.step.item(), state.step.dtype]).toEqual([1, "int32"]);
    expect(state["m.bias"].item()).toBeCloseTo(0.2, 6); // 0.1 · ∂Σy/∂b
  });
});

describe("an exported training step refuses", () => {
  class Sign extends Optimizer<{ lr: number }> {
    protected override remembers(): string[] {
      return [];
    }
    protected override update(p: Tensor, g: Tensor): void {
      p.assign(p.sub(g.sign()).data);
    }
  }
  const model = new Linear(3, 1);

  it("an optimizer that has no translation", () => {
    const optimizer = new Sign(model.parameters(), { lr: 1 });
    expect(() =>
      exportOnnx(model, x, { gradients: { loss, targets, optimizer } }),
    ).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: exportOnnx: optimizer Sign — its step is not said in tensor operations; give the class a method moves(settings, step) that returns ({ p, state }, g) => ({ p, state })]`,
    );
  });

  it("a tensor that is not the model's", () => {
    const optimizer = new SGD([tensor([1, 2], { requiresGrad: true })]);
    expect(() =>
      exportOnnx(model, x, { gradients: { loss, targets, optimizer } }),
    ).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: exportOnnx: the optimizer moves a tensor of shape [2] that is no parameter of the model — pass it model.parameters()]`,
    );
  });

  it("parameters that were not moved equally often", () => {
    const optimizer = new SGD(model.parameters());
    model.weight.grad = zeros([1, 3]);
    optimizer.step();
    expect(() => trainingState(model, optimizer)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: trainingState: parameters moved 1, 0 times — an exported training step counts once for all; start with a fresh optimizer]`,
    );
  });

  it("a layer that draws its own numbers", () => {
    class Noise extends Module {
      override forward(x: Tensor): Tensor {
        return x.add(randn(x.shape));
      }
    }
    const noisy = new Sequential(new Linear(3, 1), new Noise());
    const optimizer = new SGD(noisy.parameters());
    expect(() =>
      exportOnnx(noisy, x, { dynamicBatch: false, gradients: { loss, targets, optimizer } }),
    ).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: exportOnnx: constant [2, 1], used by 1/Add, was computed from the input outside the graph — an exported model computes all of it; use tensor operations in place of detach(), item() or data]`,
    );
  });

  it("a model whose names meet those of the step", () => {
    class Chain extends Module {
      readonly weight = new Parameter(ones([1, 3]));
      readonly next = new Linear(3, 1);
      override forward(x: Tensor): Tensor {
        return this.next.forward(x.mul(this.weight));
      }
    }
    const chain = new Chain();
    const optimizer = new SGD(chain.parameters());
    expect(() =>
      exportOnnx(chain, x, { gradients: { loss, targets, optimizer } }),
    ).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: exportOnnx: two values are called "next.weight", [1, 3] and [1, 3] — inputs, parameters and outputs of a graph share one space of names; rename the module or the parameter]`,
    );
  });
});
