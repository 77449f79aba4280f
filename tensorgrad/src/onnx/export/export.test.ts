import { describe, expect, it } from "vitest";
import { heap } from "../../00-runtime/index.ts";
import { Function, ones, type Tensor, tensor } from "../../01-tensor/index.ts";
import { Module, Parameter } from "../../03-layers/index.ts";
import { noGrad } from "../../05-autograd/index.ts";
import { SGD } from "../../06-optimizers/index.ts";
import { arrayOf, decodeModel, type ExportOptions, exportOnnx, type Model } from "../index.ts";

const x = tensor([
  [1, -2, 3],
  [4, 5, -6],
]);

describe("exportOnnx of a function", () => {
  it("writes one node per operation, inputs before users", () => {
    const { nodes } = exported((x) => x.matmul(ones([3, 4])).relu(), x);
    expect(nodes).toEqual(["MatMul = MatMul(input, constant)", "output = Relu(MatMul)"]);
  });

  it("names the batch dimension N in inputs and outputs", () => {
    const { inputs, outputs } = exported((x) => x.relu(), x);
    expect({ inputs, outputs }).toEqual({ inputs: ["input [N, 3]"], outputs: ["output [N, 3]"] });
  });

  it("keeps the example's batch with { dynamicBatch: false }", () => {
    const { inputs, outputs } = exported((x) => x.relu(), x, { dynamicBatch: false });
    expect({ inputs, outputs }).toEqual({ inputs: ["input [2, 3]"], outputs: ["output [2, 3]"] });
  });

  it("leaves the batch of a reshape to run time", () => {
    const { nodes, constants, outputs } = exported((x) => x.reshape([x.shape[0], 3, 1]), x);
    expect(nodes).toEqual(["output = Reshape(input, Reshape.1)"]);
    expect(constants).toEqual({ "Reshape.1": [-1, 3, 1] });
    expect(outputs).toEqual(["output [N, 3, 1]"]);
  });

  it("computes other shapes from the input's at run time", () => {
    const { nodes, constants } = exported(
      (x) =>
        tensor([[1, 2]])
          .expand([x.shape[0] * 2, 2])
          .add(x.sum()),
      x,
    );
    expect(nodes.slice(0, 4)).toEqual([
      "N = Shape(input)",
      "N*2 = Mul(N, int64[2])",
      "Expand.1 = Concat(N*2, int64[2])",
      "Expand = Expand(constant, Expand.1)",
    ]);
    expect(constants["int64[2]"]).toEqual([2]);
  });

  it("uses a tensor met twice once", () => {
    const w = ones([3, 3]);
    const { nodes, constants } = exported((x) => x.matmul(w).matmul(w), x);
    expect(nodes).toEqual(["MatMul = MatMul(input, constant)", "output = MatMul(MatMul, constant)"]);
    expect(Object.keys(constants)).toEqual(["constant"]);
  });

  it("takes several inputs and gives several outputs", () => {
    const { nodes, inputs, outputs } = exported((a, b) => [a.add(b), a, a.add(b).neg()], [x, x]);
    expect(inputs).toEqual(["input_0 [N, 3]", "input_1 [N, 3]"]);
    expect(outputs).toEqual(["output_0 [N, 3]", "output_1 [N, 3]", "output_2 [N, 3]"]);
    expect(nodes).toContain("output_1 = Identity(input_0)");
  });

  it("exposes every intermediate result on request", () => {
    const { outputs } = exported((x) => x.matmul(ones([3, 4])).relu(), x, { intermediates: true });
    expect(outputs).toEqual(["output [N, 4]", "MatMul [N, 4]"]);
  });

  it("writes the tensors' own dtype", () => {
    const model = decodeModel(exportOnnx((x) => x.add(1), x.to("float64")));
    expect(model.graph?.input[0].type?.tensorType?.elemType).toBe(11);
    expect(model.graph?.initializer[0].rawData?.length).toBe(8);
  });

  it("says in the metadata why a batch is fixed", () => {
    const { metadata, inputs } = exported((x) => x.mul(1 / x.shape[0]), x);
    expect(inputs).toEqual(["input [2, 3]"]);
    expect(metadata).toMatchInlineSnapshot(`
      {
        "batch": "fixed: exportOnnx: with { dynamicBatch: true } constant, used by Mul, is [0.5] at batch 2 and [0.3333333432674408] at batch 3 — constants may depend on the batch only as sizes in proportion to it; export for the batch of the example inputs with { dynamicBatch: false }",
      }
    `);
  });

  it("leaves nothing on the heap", () => {
    const before = heap.live;
    exportOnnx((x) => x.matmul(ones([3, 4])).relu(), x);
    expect(heap.live).toBe(before);
  });
});

describe("exportOnnx refuses", () => {
  it("an operation without an ONNX counterpart", () => {
    class Secret extends Function {
      forward(x: Tensor) {
        return x.add(1);
      }
      backward(g: Tensor) {
        return [g];
      }
    }
    expect(() => exportOnnx((x) => new Secret().apply(x), x)).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: exportOnnx: operation Secret on [2, 3] — it has no ONNX counterpart; compose it from operations that have one, or give its class an onnx() method]`,
    );
  });

  it("numbers that are read from what depends on an input", () => {
    const small = tensor([
      [1, 2],
      [3, 4],
    ]);
    expect(refusal((x) => x.div(x.max().item()), small, { dynamicBatch: true })).toMatchInlineSnapshot(
      `"exportOnnx: item() of a result of Amax, [], that depends on input, at … — the file would keep the numbers of this example; compute with the tensor itself: x.div(x.max()) instead of x.div(x.max().item()), condition.where(a, b) instead of if"`,
    );
    expect(refusal((x) => x.mul(x.data[0]))).toMatchInlineSnapshot(
      `"exportOnnx: data of input, [2, 3], at … — the file would keep the numbers of this example; compute with the tensor itself: x.div(x.max()) instead of x.div(x.max().item()), condition.where(a, b) instead of if"`,
    );
    expect(
      refusal((x) => x.add(tensor(Array.from(x.sort().values.data)).reshape(x.shape))),
    ).toMatchInlineSnapshot(
      `"exportOnnx: data of a result of Gather, [2, 3], that depends on input, at … — the file would keep the numbers of this example; compute with the tensor itself: x.div(x.max()) instead of x.div(x.max().item()), condition.where(a, b) instead of if"`,
    );
    expect(refusal((x) => x.add(tensor(x.argmax(0).toArray())))).toMatchInlineSnapshot(
      `"exportOnnx: toArray() of a result of ArgBest, [3], that depends on input, at … — the file would keep the numbers of this example; compute with the tensor itself: x.div(x.max()) instead of x.div(x.max().item()), condition.where(a, b) instead of if"`,
    );
    expect(refusal((x, y) => x.mul(y.detach().add(1).sum().item()), [small, small])).toMatchInlineSnapshot(
      `"exportOnnx: item() of a result of Sum, [], that depends on input_1, at … — the file would keep the numbers of this example; compute with the tensor itself: x.div(x.max()) instead of x.div(x.max().item()), condition.where(a, b) instead of if"`,
    );
  });

  it("branches on them, also where no gradients are recorded", () => {
    expect(refusal((x) => (x.sum().item() > 0 ? x.relu() : x.neg()))).toMatch(
      /item\(\) of a result of Sum, \[\], that depends on input/,
    );
    expect(refusal((x) => x.mul(noGrad(() => x.max().item())))).toMatch(/item\(\) of a result of Amax/);
    const block = (x: Tensor): Tensor => {
      using _ = noGrad();
      return x.mul(x.mean().item());
    };
    expect(refusal(block)).toMatch(/item\(\) of a result of Div/);
    expect(refusal((x) => ones([1]).assign(x.max().reshape(1)).mul(x))).toMatch(/data of a result of Amax/);
  });

  it("numbers of a parameter in a training step: they change from step to step", () => {
    class Scaled extends Module {
      readonly weight = new Parameter(ones([3]));
      forward(x: Tensor): Tensor {
        return x.mul(this.weight).mul(this.weight.max().item());
      }
    }
    const model = new Scaled();
    expect(exportOnnx(model, x).length).toBeGreaterThan(0);
    const optimizer = new SGD(model.parameters(), { lr: 0.1 });
    const gradients = {
      targets: ones([2, 3]),
      loss: (y: Tensor, t: Tensor) => y.sub(t).square().mean(),
      optimizer,
    };
    expect(refusal(model, x, { gradients })).toMatch(
      /item\(\) of a result of Amax, \[\], that depends on weight/,
    );
  });

  it("but not what a layer checks, a model prints, or only weights say", () => {
    const weight = tensor([1, 2, 3]);
    const seen: string[] = [];
    const model = (x: Tensor): Tensor => {
      seen.push(String(x.max()));
      return noGrad(() => x.gather(1, x.gt(0).to("int32"))).mul(weight.max().item());
    };
    const { nodes } = exported(model, x);
    expect(nodes.map((node) => node.replace(/^.* = |\(.*$/g, ""))).toContain("GatherElements");
    expect(seen.length).toBeGreaterThan(0);
  });

  it("an output that no input leads to", () => {
    expect(() => exportOnnx(() => ones([3]).relu(), x)).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: exportOnnx: inputs input [2, 3] — no output depends on them; was an input detached, or computed with outside the module?]`,
    );
  });

  it("a batch that cannot be dynamic, if it must be", () => {
    const must = { dynamicBatch: true } as const;
    expect(() => exportOnnx((x) => x.mul(1 / x.shape[0]), x, must)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: exportOnnx: with { dynamicBatch: true } constant, used by Mul, is [0.5] at batch 2 and [0.3333333432674408] at batch 3 — constants may depend on the batch only as sizes in proportion to it; export for the batch of the example inputs with { dynamicBatch: false }]`,
    );
    expect(() =>
      exportOnnx((x) => (x.shape[0] > 2 ? x.relu() : x), x, must),
    ).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: exportOnnx: with { dynamicBatch: true } Identity(input) {} becomes Relu(input) {} — equal steps for every batch; export for the batch of the example inputs with { dynamicBatch: false }]`,
    );
    expect(() =>
      exportOnnx((x) => (x.shape[0] > 2 ? x.relu() : x.neg()), x, must),
    ).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: exportOnnx: with { dynamicBatch: true } Neg(input) {} becomes Relu(input) {} — equal steps for every batch; export for the batch of the example inputs with { dynamicBatch: false }]`,
    );
    expect(() => exportOnnx((x) => x.relu(), tensor(1), must)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: exportOnnx: with { dynamicBatch: true } the first input has no rows — dim 0 of the inputs is the batch]`,
    );
  });

  it("a call without inputs, or with another result than tensors", () => {
    expect(() => exportOnnx((x) => x.relu(), [])).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: exportOnnx: no example inputs — the model is called with them once to see what it computes]`,
    );
    expect(() => exportOnnx((() => 3) as never, x)).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: exportOnnx: the model returned 3 — it returns a tensor, or a list of tensors]`,
    );
    expect(() => exportOnnx(() => [], x)).toThrow("the model returned nothing");
  });

  it("an opset that it does not know, or that is too old", () => {
    expect(() => exportOnnx((x) => x.relu(), x, { opset: 12 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: exportOnnx: opset 12 — supported are 13 to 26]`,
    );
    expect(() => exportOnnx((x) => x.gelu(), x, { opset: 18 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: exportOnnx: opset 18 for node Gelu — Gelu exists since opset 20]`,
    );
    expect(() => exportOnnx((x) => x.cumprod(1), x, { opset: 13 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: exportOnnx: opset 13 for node Pad_1 — Pad takes axes since opset 18]`,
    );
  });
});

/** Why a model cannot be exported, without the place in this file. */
function refusal(model: Model, inputs: Tensor | Tensor[] = x, options: ExportOptions = {}): string {
  try {
    exportOnnx(model, inputs, options);
    return "exported";
  } catch (error) {
    return (error as Error).message.replace(/ at \S.*?export\.test\.ts:\d+:\d+\)?/, " at …");
  }
}

/** The parts of an exported model, as short texts. */
function exported(model: Model, inputs: Tensor | Tensor[], options: ExportOptions = {}) {
  const { graph, metadataProps } = decodeModel(exportOnnx(model, inputs, options));
  if (!graph) throw new Error("no graph");
  const value = ({ name, type }: (typeof graph.input)[number]) =>
    `${name} [${type?.tensorType?.shape?.dim.map(({ dimParam, dimValue }) => dimParam ?? dimValue).join(", ")}]`;
  return {
    nodes: graph.node.map(({ output, opType, input }) => `${output[0]} = ${opType}(${input.join(", ")})`),
    inputs: graph.input.map(value),
    outputs: graph.output.map(value),
    constants: Object.fromEntries(
      graph.initializer.map((proto) => [proto.name, Array.from(arrayOf(proto).data, Number)]),
    ),
    metadata: Object.fromEntries(metadataProps.map(({ key, value }) => [key, value])),
  };
}
