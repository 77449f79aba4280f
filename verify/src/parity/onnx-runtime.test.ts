import { fromArray, ones, tensor } from "tensorgrad";
import { encodeModel, exportOnnx, type MessageDraft } from "tensorgrad/onnx";
import { describe, expect, it } from "vitest";
import { runOnnx } from "./onnx-runtime.ts";
import { loadRuntime } from "./runtime-library.ts";

const x = tensor([
  [1, -2, 3],
  [4, 5, -6],
]);

describe("runOnnx", () => {
  it("runs an exported function on other batches than the example's", async () => {
    const bytes = exportOnnx((x) => x.matmul(ones([3, 1])).relu(), x);
    const { output } = await runOnnx(
      bytes,
      tensor([
        [1, 2, 3],
        [0, 0, -1],
        [1, 0, 0],
      ]),
    );
    expect(output.toArray()).toEqual([[6], [0], [1]]);
    expect(output.dtype).toBe("float32");
  });

  it("takes shapes that depend on the batch", async () => {
    const bytes = exportOnnx(
      (x) =>
        tensor([[1, 2]])
          .expand([x.shape[0] * 2, 2])
          .add(x.sum()),
      x,
    );
    const { output } = await runOnnx(bytes, ones([3, 3]));
    expect(output.toArray()).toEqual(Array.from({ length: 6 }, () => [10, 11]));
  });

  it("takes inputs by name, in a list or alone", async () => {
    const bytes = exportOnnx((a, b) => a.sub(b), [x, ones([2, 3])]);
    const byList = await runOnnx(bytes, [x, x]);
    const byName = await runOnnx(bytes, { input_1: ones([2, 3]), input_0: x });
    expect(byList.output.toArray()).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ]);
    expect(byName.output.toArray()).toEqual(x.sub(1).toArray());
  });

  it.each(["float32", "float64", "int32", "uint8", "int8", "bool"] as const)(
    "passes %s through",
    async (dtype) => {
      const value = fromArray([0, 1, 1], [3], { dtype });
      const { output } = await runOnnx(
        exportOnnx((x) => x, value),
        value,
      );
      expect([output.dtype, output.toArray()]).toEqual([dtype, value.toArray()]);
    },
  );

  it("takes int32 where a model wants int64, and gives int32 for int64", async () => {
    const bytes = model({ input: int64Value("input"), output: int64Value("output"), op: "Neg" });
    const { output } = await runOnnx(bytes, fromArray([1, 2], [2], { dtype: "int32" }));
    expect([output.dtype, output.toArray()]).toEqual(["int32", [-1, -2]]);
  });

  it("reads the bytes at once: the caller may reuse them", async () => {
    const bytes = exportOnnx((x) => x.neg(), x);
    const running = runOnnx(bytes, ones([1, 3]));
    bytes.fill(0);
    expect((await running).output.toArray()).toEqual([[-1, -1, -1]]);
  });
});

describe("runOnnx explains", () => {
  it("bytes that are no model", async () => {
    await expect(runOnnx(new Uint8Array(3), x)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[Error: runOnnx: ONNX Runtime refuses the model: Failed to load model because protobuf parsing failed. — decodeModel: 3 bytes (illegal tag: field no 0 wire type 0) — not an ONNX model, or a truncated one]`,
    );
  });

  it("an operation that ONNX Runtime does not know, with the node", async () => {
    const bytes = model({ input: int64Value("input"), output: int64Value("output"), op: "Conjure" });
    await expect(runOnnx(bytes, x)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[Error: runOnnx: ONNX Runtime refuses the model: This is an invalid model. In Node, ("only", Conjure, "", -1) : ("input": tensor(int64),) -> ("output": tensor(int64),) , Error No Op registered for Conjure with domain_version of 21 — a model of opset 21 with 1 node; node only = Conjure(input)]`,
    );
  });

  it("inputs that are missing or too many", async () => {
    const bytes = exportOnnx((a, b) => a.sub(b), [x, x]);
    await expect(runOnnx(bytes, x)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[TypeError: runOnnx: inputs input_0 — the model takes input_0, input_1]`,
    );
    await expect(runOnnx(bytes, { input_0: x, right: x })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[TypeError: runOnnx: inputs input_0, right — the model takes input_0, input_1]`,
    );
    await expect(runOnnx(bytes, [x, x, x])).rejects.toThrowErrorMatchingInlineSnapshot(
      `[TypeError: runOnnx: inputs input_0, input_1, input 2 — the model takes input_0, input_1]`,
    );
  });

  it("an input of the wrong dtype or shape", async () => {
    const bytes = exportOnnx((x) => x.relu(), x);
    await expect(runOnnx(bytes, x.to("float64"))).rejects.toThrowErrorMatchingInlineSnapshot(
      `[TypeError: runOnnx: float64 for input input — the model takes float32]`,
    );
    await expect(runOnnx(bytes, ones([2, 4]))).rejects.toThrowErrorMatchingInlineSnapshot(
      `[Error: runOnnx: ONNX Runtime stopped: Got invalid dimensions for input: input for the following indices index: 1 Got: 4 Expected: 3 Please fix either the inputs/outputs or the model. — a model of opset 21 with 1 node]`,
    );
  });

  it("a node that fails while running", async () => {
    // Reshapes the two numbers [3, 5] to the shape [3, 5].
    const bytes = model({
      input: int64Value("input"),
      output: int64Value("output"),
      op: "Reshape",
      inputs: 2,
    });
    const numbers = fromArray([3, 5], [2], { dtype: "int32" });
    // The middle of the message names a source file, differently on each system.
    const message = /ONNX Runtime stopped: .* running Reshape node.*; node only = Reshape\(input, input\)$/;
    await expect(runOnnx(bytes, numbers)).rejects.toThrow(message);
  });

  it("an output of a type that no tensor has", async () => {
    const cast = { name: "to", i: 13, type: 2 };
    const output = {
      ...int64Value("output"),
      type: { tensorType: { ...int64Value("").type.tensorType, elemType: 13 } },
    };
    const bytes = model({ input: int64Value("input"), output, op: "Cast", attribute: [cast] });
    await expect(
      runOnnx(bytes, fromArray([1, 2], [2], { dtype: "int32" })),
    ).rejects.toThrowErrorMatchingInlineSnapshot(
      `[TypeError: runOnnx: output output is uint64 — a tensor can be float32, float64, float16, int32, bool, int8, uint8]`,
    );
  });

  it("how to install onnxruntime-node where it is absent", async () => {
    const absent = () => Promise.reject(new Error("Cannot find package 'onnxruntime-node'"));
    await expect(loadRuntime(absent)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[MissingRuntimeError: runOnnx: onnxruntime-node cannot be loaded — exported models run in it; install it with: npm install --save-dev --ignore-scripts onnxruntime-node (Cannot find package 'onnxruntime-node')]`,
    );
  });
});

const int64Value = (name: string) => ({
  name,
  type: { tensorType: { elemType: 7, shape: { dim: [{ dimValue: 2 }] } } },
});

interface Single {
  readonly input: MessageDraft<"ValueInfo">;
  readonly output: MessageDraft<"ValueInfo">;
  readonly op: string;
  /** How often the input is passed. */
  readonly inputs?: number;
  readonly attribute?: MessageDraft<"Attribute">[];
}

/** A model of one node. */
const model = ({ input, output, op, inputs = 1, attribute = [] }: Single): Uint8Array =>
  encodeModel({
    irVersion: 10,
    opsetImport: [{ domain: "", version: 21 }],
    graph: {
      name: "single",
      node: [{ name: "only", opType: op, input: Array(inputs).fill("input"), output: ["output"], attribute }],
      input: [input],
      output: [output],
    },
  });
