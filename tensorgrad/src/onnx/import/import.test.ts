import { gradcheck, Random, randn, tensor } from "tensorgrad";
import * as nn from "tensorgrad/nn";
import { encodeModel, exportOnnx, importOnnx } from "tensorgrad/onnx";
import { SGD } from "tensorgrad/optim";
import { describe, expect, it } from "vitest";

describe("importOnnx", () => {
  it("gives a module that computes what the exported one does, under the same names", () => {
    const model = network();
    const x = randn([5, 4], { random: new Random(2) });
    const again = importOnnx(exportOnnx(model, x));
    expect(again.forward(x).toArray()).toEqual(model.forward(x).toArray());
    expect(again.namedParameters().map(([name, p]) => [name, p.shape])).toEqual(
      model.namedParameters().map(([name, p]) => [name, p.shape]),
    );
  });

  it("trains as the exported one does: the same losses, step by step", () => {
    const model = network();
    const x = randn([8, 4], { random: new Random(3) });
    const y = tensor([0, 1, 2, 0, 1, 2, 0, 1], { dtype: "int32" });
    const again = importOnnx(exportOnnx(model, x));
    expect(losses(again, x, y)).toEqual(losses(model, x, y));
    expect(losses(again, x, y)[0]).toBeLessThan(losses(network(), x, y)[0]);
  });

  it("has gradients that finite differences confirm", () => {
    const again = importOnnx(exportOnnx(network(), randn([3, 4], { random: new Random(4) }))).to("float64");
    const x = randn([3, 4], { random: new Random(5), dtype: "float64", requiresGrad: true });
    expect(
      gradcheck((x, ...weights) => (weights.length ? again.forward(x) : x), [x, ...again.parameters()]),
    ).toBe(true);
  });

  it("is exported again as the same function", () => {
    const x = randn([2, 4], { random: new Random(6) });
    const once = importOnnx(exportOnnx(network(), x));
    const twice = importOnnx(exportOnnx(once, x));
    expect(twice.forward(x).toArray()).toEqual(once.forward(x).toArray());
    expect(Object.keys(twice.stateDict())).toEqual(Object.keys(once.stateDict()));
  });
});

describe("an imported model", () => {
  it("has all outputs of the file, and is exported with all of them", () => {
    const x = randn([3, 5], { random: new Random(7) });
    const two = importOnnx(exportOnnx((x) => [x.relu(), x.max(1).values], x));
    expect(two.outputs.map(({ name }) => name)).toEqual(["output_0", "output_1"]);
    const again = importOnnx(exportOnnx(two, x));
    expect(again.forwardAll(x).map((y) => y.toArray())).toEqual(two.forwardAll(x).map((y) => y.toArray()));
  });

  it("trains weights, and leaves statistics and the numbers of operations alone", () => {
    const model = new nn.Sequential(
      new nn.Conv2d(1, 2, 3),
      new nn.BatchNorm2d(2),
      new nn.LeakyReLU({ negativeSlope: 0.3 }),
    );
    const again = importOnnx(exportOnnx(model, randn([2, 1, 5, 5])));
    expect(again.namedParameters().map(([name]) => name)).toEqual([
      "0.weight",
      "0.bias",
      "1.weight",
      "1.bias",
    ]);
    expect(Object.keys(again.stateDict())).toContain("1.runningMean");
  });

  it("is refused by the exporter where a number would be baked in", () => {
    const x = randn([4], { random: new Random(8) });
    const picks = importOnnx(nonZeros());
    expect(() => exportOnnx(picks, x)).toThrow(
      /node "find" \(NonZero, opset 18\): exportOnnx: .* of input, \[4\]/,
    );
  });

  it("computes whole numbers of 64 bits exactly, outside of tensors", () => {
    const value = (name: string) => ({ name, type: { tensorType: { elemType: 7, shape: { dim: [] } } } });
    const bytes = encodeModel({
      irVersion: 8,
      opsetImport: [{ domain: "", version: 18 }],
      graph: {
        name: "sum",
        input: [value("a"), value("b")],
        node: [{ opType: "Add", input: ["a", "b"], output: ["y"] }],
        output: [value("y")],
      },
    });
    const int64 = (n: bigint) => ({ dtype: "int64" as const, shape: [], data: BigInt64Array.of(n) });
    const { y } = importOnnx(bytes).run({ a: int64(2n ** 53n), b: int64(1n) });
    expect(y).toEqual(int64(2n ** 53n + 1n));
  });

  it.each(["RNN", "GRU", "LSTM"])("names what has too few dims for a %s", (opType) => {
    const sizes = { X: [2, 1, 3], W: [12, 3], R: [1, 12, 3] };
    const value = (name: keyof typeof sizes) => ({
      name,
      type: { tensorType: { elemType: 1, shape: { dim: sizes[name].map((dimValue) => ({ dimValue })) } } },
    });
    const bytes = encodeModel({
      irVersion: 8,
      opsetImport: [{ domain: "", version: 18 }],
      graph: {
        name: "reads",
        input: [value("X"), value("W"), value("R")],
        node: [{ opType, input: ["X", "W", "R"], output: ["y"] }],
        output: [{ name: "y" }],
      },
    });
    const [X, W, R] = Object.values(sizes).map((size) => randn(size));
    expect(() => importOnnx(bytes).forward(X, W, R)).toThrow(/W \[12, 3\] — three dims/);
  });
});

/** Where the elements of x are that are not 0: how many there are depends on x. */
function nonZeros(): Uint8Array {
  const x = { name: "x", type: { tensorType: { elemType: 1, shape: { dim: [{ dimValue: 4 }] } } } };
  return encodeModel({
    irVersion: 8,
    opsetImport: [{ domain: "", version: 18 }],
    graph: {
      name: "picks",
      input: [x],
      node: [
        { opType: "NonZero", input: ["x"], output: ["at"], name: "find" },
        { opType: "Gather", input: ["x", "at"], output: ["y"] },
      ],
      output: [{ name: "y" }],
    },
  });
}

function network(): nn.Module {
  const random = new Random(1);
  return new nn.Sequential(
    new nn.Linear(4, 6, { random }),
    new nn.GELU(),
    new nn.LayerNorm(6),
    new nn.Linear(6, 3, { random }),
  );
}

function losses(model: nn.Module, x: ReturnType<typeof randn>, y: ReturnType<typeof randn>): number[] {
  const optimizer = new SGD(model.parameters(), { lr: 0.1 });
  return Array.from({ length: 5 }, () => {
    const loss = nn.crossEntropy(model.forward(x), y);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    return loss.item();
  });
}
