import { describe, expect, it } from "vitest";
import { heap } from "../../src/00-runtime/index.ts";
import { Function, ones, type Tensor, tensor, zeros } from "../../src/01-tensor/index.ts";
import { ReLU } from "../../src/02-activations/index.ts";
import { Linear, Module, Parameter, Sequential } from "../../src/03-layers/index.ts";
import { crossEntropy, MSELoss } from "../../src/04-losses/index.ts";
import { decodeModel, type ExportOptions, exportOnnx, type Model } from "../../src/onnx/index.ts";

const x = tensor([
  [1, -2, 3],
  [4, 5, -6],
]);
const sum = (y: Tensor) => y.sum();

describe("exportOnnx with { gradients }", () => {
  it("writes forward, loss and backward as ordinary nodes", () => {
    const { nodes } = exported((x) => x.mul(x.sin()), x, { gradients: { loss: sum }, dynamicBatch: false });
    expect(nodes).toMatchInlineSnapshot(`
      [
        "Sin = Sin(input)",
        "output = Mul(input, Sin)",
        "loss/ReduceSum = ReduceSum(output, loss/ReduceSum.1)",
        "loss = Reshape(loss/ReduceSum, loss/Reshape.1)",
        "backward/Reshape = Reshape(constant, backward/Reshape.1)",
        "backward/Expand = Expand(backward/Reshape, backward/Expand.1)",
        "backward/Mul = Mul(backward/Expand, Sin)",
        "backward/Mul_1 = Mul(backward/Expand, input)",
        "backward/Cos = Cos(input)",
        "backward/Mul_2 = Mul(backward/Mul_1, backward/Cos)",
        "grad.input = Add(backward/Mul, backward/Mul_2)",
      ]
    `);
  });

  it("gives the gradient of every parameter, under its name, and takes targets as inputs", () => {
    const model = new Sequential(new Linear(3, 4), new ReLU(), new Linear(4, 2));
    const gradients = { loss: crossEntropy, targets: tensor([0, 1], { dtype: "int32" }) };
    const { inputs, outputs, metadata } = exported(model, x, { gradients });
    expect(inputs).toEqual(["input [N, 3]", "target [N]"]);
    expect(outputs).toEqual([
      "output [N, 2]",
      "loss []",
      "grad.0.weight [4, 3]",
      "grad.0.bias [4]",
      "grad.2.weight [2, 4]",
      "grad.2.bias [2]",
    ]);
    expect(metadata.batch).toBe("dynamic"); // the mean divides by a count that the graph computes
  });

  it("takes a loss with settings of its own, and several targets", () => {
    const targets = [ones([2, 3]), ones([2, 3])];
    const both = (y: Tensor, a: Tensor, b: Tensor) => y.sub(a).mul(b).mean();
    expect(exported((x) => x, x, { gradients: { loss: both, targets } }).inputs).toEqual([
      "input [N, 3]",
      "target_0 [N, 3]",
      "target_1 [N, 3]",
    ]);
    const one = { gradients: { loss: new MSELoss(), targets: ones([2, 3]) } };
    expect(exported((x) => x.tanh(), x, one).outputs).toEqual([
      "output [N, 3]",
      "loss []",
      "grad.input [N, 3]",
    ]);
  });

  it("leaves out the gradients of frozen parameters and of integers", () => {
    const layer = new Linear(3, 2);
    if (layer.bias) layer.bias.requiresGrad = false;
    expect(exported(layer, x, { gradients: { loss: sum } }).outputs).toEqual([
      "output [N, 2]",
      "loss []",
      "grad.weight [2, 3]",
    ]);
    const index = tensor([0, 2], { dtype: "int32" });
    const { outputs } = exported((x, i) => x.mul(i.unsqueeze(1)), [x, index], { gradients: { loss: sum } });
    expect(outputs.filter((name) => name.startsWith("grad"))).toEqual(["grad.input_0 [N, 3]"]);
  });

  it("changes no gradient and leaves nothing on the heap", () => {
    const model = new Linear(3, 2);
    const before = heap.live;
    exportOnnx(model, x, { gradients: { loss: sum } });
    expect([model.weight.grad, heap.live]).toEqual([null, before]);
  });
});

describe("exportOnnx with { gradients } refuses", () => {
  it("a loss that is not a single number", () => {
    expect(() =>
      exportOnnx((x) => x, x, { gradients: { loss: (y: Tensor) => y } }),
    ).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: exportOnnx: a loss of shape [2, 3] — gradients are those of a single number; reduce it with .mean() or .sum()]`,
    );
  });

  it("a rule that is wrong, in its own words", () => {
    class Broken extends Function {
      forward(x: Tensor) {
        return x.mul(1);
      }
      backward() {
        return [];
      }
    }
    const model = new Linear(3, 2);
    const loss = (y: Tensor) => new Broken().apply(y).sum();
    expect(() => exportOnnx(model, x, { gradients: { loss } })).toThrow(
      "Broken.backward: returned 0 gradients",
    );
  });

  it("a parameter that the loss does not depend on", () => {
    class Idle extends Module {
      readonly used = new Parameter(ones([3]));
      readonly idle = new Parameter(zeros([4]));
      override forward(x: Tensor): Tensor {
        return x.mul(this.used);
      }
    }
    expect(() => exportOnnx(new Idle(), x, { gradients: { loss: sum } })).toThrowErrorMatchingInlineSnapshot(
      `[GradientError: exportOnnx: the gradient of idle [4] — the loss has to depend on every parameter that requires a gradient; freeze others first: parameter.requiresGrad = false]`,
    );
    const steps = { loss: (y: Tensor) => y.floor().sum() }; // nothing flows back through floor
    expect(() => exportOnnx(new Linear(3, 2), x, { gradients: steps })).toThrowErrorMatchingInlineSnapshot(
      `[GradientError: exportOnnx: the gradient of weight [2, 3] — the loss has to depend on every parameter that requires a gradient; freeze others first: parameter.requiresGrad = false]`,
    );
    const index = tensor([1, 2], { dtype: "int32" });
    expect(() =>
      exportOnnx((i) => i.neg(), index, { gradients: { loss: sum } }),
    ).toThrowErrorMatchingInlineSnapshot(
      `[GradientError: exportOnnx: gradients of nothing — the loss has to depend on every parameter that requires a gradient; freeze others first: parameter.requiresGrad = false]`,
    );
  });

  it("an operation of the backward pass without an ONNX counterpart", () => {
    class Silent extends Function {
      forward(x: Tensor) {
        return x.neg();
      }
      backward(g: Tensor) {
        return [g.neg()];
      }
    }
    class Negation extends Function {
      forward(x: Tensor) {
        return x.neg();
      }
      backward(g: Tensor) {
        return [new Silent().apply(g)];
      }
      override onnx() {
        return { op: "Neg", attributes: {}, inputs: null };
      }
    }
    expect(() =>
      exportOnnx((x) => new Negation().apply(x), x, { gradients: { loss: sum } }),
    ).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: exportOnnx: operation Silent in the backward pass on [2, 3] — it has no ONNX counterpart; compose it from operations that have one, or give its class an onnx() method]`,
    );
  });
});

/** The parts of an exported model, as short texts. */
function exported(model: Model, inputs: Tensor | Tensor[], options: ExportOptions) {
  const { graph, metadataProps } = decodeModel(exportOnnx(model, inputs, options));
  if (!graph) throw new Error("no graph");
  const value = ({ name, type }: (typeof graph.input)[number]) =>
    `${name} [${type?.tensorType?.shape?.dim.map(({ dimParam, dimValue }) => dimParam ?? dimValue).join(", ")}]`;
  return {
    nodes: graph.node.map(({ output, opType, input }) => `${output[0]} = ${opType}(${input.join(", ")})`),
    inputs: graph.input.map(value),
    outputs: graph.output.map(value),
    metadata: Object.fromEntries(metadataProps.map(({ key, value }) => [key, value])),
  };
}
