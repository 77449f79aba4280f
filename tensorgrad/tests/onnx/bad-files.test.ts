import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FormatError, tensor } from "tensorgrad";
import { encodeModel, importOnnx, type MessageDraft } from "tensorgrad/onnx";
import { describe, expect, it } from "vitest";

describe("importOnnx refuses, before anything runs,", () => {
  it("what is no model", () => {
    expect(refused(() => importOnnx(new Uint8Array([1, 2, 3])))).toMatchInlineSnapshot(
      `"decodeModel: 3 bytes (illegal tag: field no 0 wire type 1) — not an ONNX model, or a truncated one"`,
    );
    expect(refused(() => importOnnx("/no/such/file.onnx"))).toMatchInlineSnapshot(
      `"importOnnx: /no/such/file.onnx — no file that can be read"`,
    );
    expect(() => importOnnx(null as never)).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: importOnnx: object — give the bytes of a file as a Uint8Array, or its path]`,
    );
  });

  it("opsets that are not known", () => {
    expect(refused(model({}, 99))).toMatchInlineSnapshot(`"importOnnx: opset 99 — read are 1 to 24"`);
    expect(refused(model({}, 0))).toMatchInlineSnapshot(`"importOnnx: opset 0 — read are 1 to 24"`);
    expect(refused(() => importOnnx(encodeModel({ irVersion: 8, graph: graph({}) })))).toMatchInlineSnapshot(
      `"importOnnx: node "y" (Relu, opset unknown): the file names no opset of ONNX — its operators mean nothing then"`,
    );
  });

  it("operators that are not known, and those that are younger than the opset", () => {
    expect(refused(model({ node: [node("Conjure", ["x"])] }))).toMatchInlineSnapshot(
      `"importOnnx: node "y" (Conjure, opset 21): the operator is not known here"`,
    );
    expect(refused(model({ node: [node("Gelu", ["x"])] }, 19))).toMatchInlineSnapshot(
      `"importOnnx: node "y" (Gelu, opset 19): the operator is known from opset 20 on"`,
    );
    expect(
      refused(model({ node: [{ ...node("Relu", ["x"]), domain: "com.example" }] })),
    ).toMatchInlineSnapshot(
      `"importOnnx: node "y" (com.example.Relu, opset unknown): the file names no opset of domain "com.example" — its operators mean nothing then"`,
    );
    expect(refused(model({ node: [node("constructor", ["x"])] }))).toMatchInlineSnapshot(
      `"importOnnx: node "y" (constructor, opset 21): the operator is not known here"`,
    );
  });

  it("attributes that are not known, of another type, or missing", () => {
    const alpha = { name: "alpha", type: 1, f: 1 };
    expect(refused(model({ node: [{ ...node("Relu", ["x"]), attribute: [alpha] }] }))).toMatchInlineSnapshot(
      `"importOnnx: node "y" (Relu, opset 21): attribute "alpha" — known are none"`,
    );
    const whole = { name: "alpha", type: 2, i: 1 };
    expect(refused(model({ node: [{ ...node("Elu", ["x"]), attribute: [whole] }] }))).toMatchInlineSnapshot(
      `"importOnnx: node "y" (Elu, opset 21): attribute "alpha" of type 2 — expected 1, float"`,
    );
    expect(refused(model({ node: [node("Concat", ["x"])] }))).toMatchInlineSnapshot(
      `"importOnnx: node "y" (Concat, opset 21): no attribute "axis" — the operator needs int"`,
    );
  });

  it("inputs that are too many, too few, or computed nowhere", () => {
    expect(refused(model({ node: [node("Relu", ["x", "x"])] }))).toMatchInlineSnapshot(
      `"importOnnx: node "y" (Relu, opset 21): 2 inputs — the operator takes 1 at most"`,
    );
    expect(refused(model({ node: [node("Add", ["x"])] }))).toMatchInlineSnapshot(
      `"importOnnx: node "y" (Add, opset 21): input B is missing"`,
    );
    expect(refused(model({ node: [node("Add", ["x", "w"])] }))).toMatchInlineSnapshot(
      `"importOnnx: node "y" (Add, opset 21): input B is "w" — no node, input or initializer has that name"`,
    );
    expect(refused(model({ node: [], output: [value("z")] }))).toMatchInlineSnapshot(
      `"importOnnx: output "z" — no node, input or initializer has that name"`,
    );
  });

  it("cycles, and two values of one name", () => {
    const around = [
      { ...node("Add", ["x", "b"]), output: ["a"], name: "first" },
      { ...node("Relu", ["a"]), output: ["b"], name: "second" },
    ];
    expect(refused(model({ node: around, output: [value("b")] }))).toMatchInlineSnapshot(
      `"importOnnx: nodes "first" ← "second" ← "first" read each other's results — a graph has no cycles"`,
    );
    const twice = [node("Relu", ["x"]), { ...node("Tanh", ["x"]), name: "again" }];
    expect(refused(model({ node: twice }))).toMatchInlineSnapshot(
      `"importOnnx: node "again" (Tanh, opset 21): a second value "y" — every value of a graph has a name of its own"`,
    );
  });

  it("types that are not known", () => {
    const typed = { name: "x", type: { tensorType: { elemType: 14, shape: { dim: [] } } } };
    expect(refused(model({ input: [typed] }))).toMatchInlineSnapshot(
      `"importOnnx: value "x" of complex64 — such arrays are not known here"`,
    );
    const weights = { name: "w", dims: [1], dataType: 17, rawData: new Uint8Array(1) };
    expect(refused(model({ initializer: [weights] }))).toMatchInlineSnapshot(
      `"importOnnx: initializer "w" [1]: data type float8e4m3fn — known are float32, uint8, int8, uint16, int16, int32, int64, string, bool, float16, float64, uint32, uint64, bfloat16"`,
    );
    const cast = { ...node("Cast", ["x"]), attribute: [{ name: "to", type: 2, i: 14 }] };
    expect(refused(model({ node: [cast] }))).toMatchInlineSnapshot(
      `"importOnnx: node "y" (Cast, opset 21): attribute "to" is complex64 — such arrays are not known here"`,
    );
  });

  it("data that does not fit its shape, whatever the shape claims", () => {
    const data = (dims: number[], rawData = new Uint8Array(8)) =>
      model({ initializer: [{ name: "w", dims, dataType: 1, rawData }] });
    expect(refused(data([3]))).toMatchInlineSnapshot(
      `"importOnnx: initializer "w" [3]: 8 bytes of float32 — the shape asks for 12, 4 for each element"`,
    );
    expect(refused(data([-2, -1]))).toMatchInlineSnapshot(
      `"importOnnx: initializer "w" [-2, -1]: a negative size — the sizes of stored data are 0 or more"`,
    );
    expect(refused(data([2 ** 29]))).toMatchInlineSnapshot(
      `"importOnnx: initializer "w" [536870912]: 8 bytes of float32 — the shape asks for 2147483648, 4 for each element"`,
    );
    expect(refused(data([2 ** 40, 2 ** 40]))).toMatchInlineSnapshot(
      `"importOnnx: initializer "w" [1099511627776, 1099511627776]: 8 bytes of float32 — the shape asks for 4.835703278458517e+24, 4 for each element"`,
    );
    const listed = { name: "w", dims: [2 ** 29], dataType: 1, floatData: [1] };
    expect(refused(model({ initializer: [listed] }))).toMatchInlineSnapshot(
      `"importOnnx: initializer "w" [536870912]: 1 values of float32 — the shape asks for 536870912"`,
    );
    const negative = { name: "x", type: { tensorType: { elemType: 1, shape: { dim: [{ dimValue: -3 }] } } } };
    expect(refused(model({ input: [negative] }))).toMatchInlineSnapshot(
      `"importOnnx: value "x" has a size of -3 — sizes are 0 or more"`,
    );
  });

  it("graphs within nodes that read what is not there, or lie too deep", () => {
    const inner = { name: "then", node: [node("Relu", ["elsewhere"])], output: [value("y")] };
    const branches = (graph: object) => [
      { name: "then_branch", type: 5, g: graph },
      { name: "else_branch", type: 5, g: graph },
    ];
    const choice = { ...node("If", ["x"]), name: "choose", attribute: branches(inner) };
    expect(refused(model({ node: [choice] }))).toMatchInlineSnapshot(
      `"importOnnx: node "choose/y" (Relu, opset 21): input X is "elsewhere" — no node, input or initializer has that name"`,
    );
  });
});

describe("data in other files", () => {
  it("lies in the folder of the model, and nowhere else", () => {
    const folder = mkdtempSync(join(tmpdir(), "onnx-"));
    const inside = join(folder, "models");
    mkdirSync(inside);
    writeFileSync(join(inside, "weights.bin"), new Uint8Array(new Float32Array([0, 2, 3]).buffer));
    writeFileSync(join(folder, "secret.bin"), new Uint8Array(12));
    symlinkSync(join(folder, "secret.bin"), join(inside, "link.bin"));
    const path = join(inside, "model.onnx");
    const keep = (entries: Record<string, string>) => {
      const externalData = Object.entries(entries).map(([key, value]) => ({ key, value }));
      const w = { name: "w", dims: [2], dataType: 1, dataLocation: 1, externalData };
      writeFileSync(path, bytes({ initializer: [w], node: [node("Mul", ["x", "w"])] }));
      return path;
    };
    const y = importOnnx(keep({ location: "weights.bin", offset: "4", length: "8" })).forward(tensor([1, 1]));
    expect(y.toArray()).toEqual([2, 3]);
    const message = (entries: Record<string, string>) => refused(() => importOnnx(keep(entries)));
    expect(message({ location: "../secret.bin" })).toMatchInlineSnapshot(
      `"importOnnx: initializer "w" [2]: kept in "../secret.bin" — data lies in the folder of the model"`,
    );
    expect(message({ location: "/etc/passwd" })).toMatchInlineSnapshot(
      `"importOnnx: initializer "w" [2]: kept in "/etc/passwd" — data lies in the folder of the model"`,
    );
    expect(message({ location: "link.bin" })).toMatchInlineSnapshot(
      `"importOnnx: initializer "w" [2]: "link.bin" leads out of the folder — data lies in the folder of the model"`,
    );
    expect(message({ location: "missing.bin" })).toMatchInlineSnapshot(
      `"importOnnx: initializer "w" [2]: kept in "missing.bin" — no such file beside the model"`,
    );
    expect(message({ location: "weights.bin", offset: "8" })).toMatchInlineSnapshot(
      `"importOnnx: initializer "w" [2]: 4 bytes at 8 in "weights.bin" — the shape asks for 8"`,
    );
    expect(message({ location: "weights.bin", length: "4000000000" })).toMatchInlineSnapshot(
      `"importOnnx: initializer "w" [2]: 4000000000 bytes at undefined — the shape asks for 8"`,
    );
  });
});

describe("a model that runs", () => {
  const relu = () => importOnnx(bytes({ node: [node("Relu", ["x"])] }));

  it("takes as many inputs as the file says, of the shapes that it declares", () => {
    expect(() => relu().forward()).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: importOnnx: 0 inputs — the model takes x]`,
    );
    expect(() => relu().forward(tensor([1, 2, 3]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: importOnnx: input "x" is [3] — the model takes [2]]`,
    );
    expect(() => relu().run({ z: tensor([1, 2]) })).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: importOnnx: inputs z — the model takes x]`,
    );
  });

  it("says in which node an operation complained", () => {
    const product = importOnnx(bytes({ node: [node("MatMul", ["x", "w"])], initializer: [weights([3, 1])] }));
    expect(() => product.forward(tensor([1, 2]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: importOnnx: node "y" (MatMul, opset 21): matmul: [1, 2] · [3, 1]: the left's last dim (2) must equal the right's second-to-last (3)]`,
    );
  });

  it("ends a loop that never ends", () => {
    const flag = { name: "yes", dims: [], dataType: 9, int32Data: [1] };
    const body = {
      name: "body",
      input: [value("i"), value("c"), value("v")],
      node: [
        { ...node("Identity", ["c"]), output: ["go"] },
        { ...node("Identity", ["v"]), output: ["w"] },
      ],
      output: [value("go"), value("w")],
    };
    const loop = { ...node("Loop", ["", "yes", "x"]), attribute: [{ name: "body", type: 5, g: body }] };
    expect(() =>
      importOnnx(bytes({ node: [loop], initializer: [flag] })).forward(tensor([1, 2])),
    ).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: importOnnx: node "y" (Loop, opset 21): 65536 rounds and no end — a loop ends by then]`,
    );
  });
});

const refused = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(FormatError);
    return (error as Error).message;
  }
  throw new Error("imported");
};

type Graph = MessageDraft<"Graph">;

const value = (name: string) => ({ name });
const vector = { name: "x", type: { tensorType: { elemType: 1, shape: { dim: [{ dimValue: 2 }] } } } };
const node = (opType: string, input: string[]) => ({ opType, input, output: ["y"] });
const weights = (dims: number[]) => ({
  name: "w",
  dims,
  dataType: 1,
  floatData: Array.from({ length: dims.reduce((n, size) => n * size, 1) }, (_, i) => i),
});

const graph = (given: Graph): Graph => ({
  name: "test",
  input: [vector],
  node: [node("Relu", ["x"])],
  output: [value("y")],
  ...given,
});

const bytes = (given: Graph, opset = 21): Uint8Array =>
  encodeModel({ irVersion: 8, opsetImport: [{ domain: "", version: opset }], graph: graph(given) });

const model =
  (given: Graph, opset = 21) =>
  () =>
    importOnnx(bytes(given, opset));
