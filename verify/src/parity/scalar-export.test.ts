import { MLP, Value, v } from "micrograd";
import { type ArrayValue, decodeModel } from "tensorgrad/onnx";
import { describe, expect, it } from "vitest";
import { readmeExpression } from "../table/scalar-programs.ts";
import { runOnnx } from "./onnx-runtime.ts";
import { numberAsInput, parametersOf, scalarParity } from "./scalar.ts";
import { exportScalars } from "./scalar-export.ts";

describe("exportScalars", () => {
  it("gives the numbers of micrograd's README in ONNX Runtime", async () => {
    const { root, inputs } = readmeExpression();
    const { value, ...gradients } = await run(exportScalars(root, { inputs }), { a: -4, b: 2 });
    expect(value.toFixed(4)).toBe("24.7041");
    expect([gradients["grad.a"].toFixed(4), gradients["grad.b"].toFixed(4)]).toEqual([
      "138.8338",
      "645.5773",
    ]);
  });

  it("computes at other numbers than those of the graph", async () => {
    const [x, y] = [v(3), v(5)];
    const bytes = exportScalars(x.mul(y).add(x), { inputs: { x, y } });
    expect(await run(bytes, { x: 10, y: 7 })).toEqual({ value: 80, "grad.x": 8, "grad.y": 10 });
  });

  it("writes ordinary nodes in float64, none for the gradient of a constant", () => {
    const x = v(2);
    const { graph, opsetImport } = decodeModel(exportScalars(x.mul(3).tanh(), { inputs: { x } }));
    expect(graph?.node.map(({ opType }) => opType)).toEqual(
      ["Mul", "Tanh", "Mul", "Neg", "Add", "Mul", "Mul"], // biome-ignore format: forward, then backward
    );
    expect(graph?.output.map(({ type }) => type?.tensorType?.elemType)).toEqual([11, 11]);
    expect(opsetImport.map(({ version }) => version)).toEqual([21]);
  });

  it("adds gradients that meet", async () => {
    const x = v(3);
    expect(await run(exportScalars(x.mul(x).mul(x), { inputs: { x } }), { x: 2 })).toEqual({
      value: 8,
      "grad.x": 12,
    });
  });

  it("takes a result that is an input", async () => {
    const x = v(1);
    expect(await run(exportScalars(x, { inputs: { x } }), { x: 4 })).toEqual({ value: 4, "grad.x": 1 });
  });

  it("makes a step of gradient descent of a loss", async () => {
    const w = v(3);
    const bytes = exportScalars(w.mul(w), { inputs: { w }, lr: 0.25 });
    expect(await run(bytes, { w: 4 })).toEqual({ value: 16, "next.w": 2 });
  });

  it("leaves the graph as it was", () => {
    const x = v(2);
    x.grad = 7;
    const y = x.mul(3);
    exportScalars(y, { inputs: { x } });
    expect([x.data, x.grad, y.data, y.grad]).toEqual([2, 7, 6, 0]);
  });

  it("takes a chain of 5,000 operations", async () => {
    const x = v(0);
    let y = x;
    for (let i = 0; i < 5000; i++) y = y.add(1);
    expect(await run(exportScalars(y, { inputs: { x } }), { x: 0.5 })).toEqual({
      value: 5000.5,
      "grad.x": 1,
    });
  });

  it("keeps names apart from those that it makes up", async () => {
    const [x, y] = [v(1), v(2)];
    const bytes = exportScalars(x.mul(y), { inputs: { Mul_1: x, constant_1: y } });
    expect(await run(bytes, { Mul_1: 5, constant_1: 6 })).toEqual({
      value: 30,
      "grad.Mul_1": 6,
      "grad.constant_1": 5,
    });
  });
});

describe("where derivatives are a matter of convention, both engines have the same:", () => {
  const [inf, nan] = [Number.POSITIVE_INFINITY, Number.NaN];
  const powers = [0, 1, 2, 3, -1, -2, 0.5, 1e-7, 1e21];

  it("relu at 0, −0, and on either side", async () => {
    await agree([0, -0, 1e-300, -1e-300, 2, -2, inf, -inf], (x) => x.relu());
  });

  it.each(powers)("x^%s with a plain exponent", async (power) => {
    await agree([0, -0, 0.5, 2, -2, inf, nan], (x) => x.pow(power));
  });

  it.each(powers)("x^%s with an exponent that has a gradient", async (power) => {
    for (const x of [0, 0.5, 2, -2, inf]) {
      const inputs = { x: v(x), y: v(power) };
      expect((await scalarParity([{ root: inputs.x.pow(inputs.y), inputs }])).failure).toBe(null);
    }
  });

  it("logarithms and exponentials out of range", async () => {
    await agree([0, -0, -1, inf, 1e-308, nan], (x) => x.log());
    await agree([710, -750, inf, -inf, nan], (x) => x.exp());
    await agree([40, -40, 1000, -700, inf, -inf, nan], (x) => x.sigmoid());
    await agree([20, -20, inf, -inf, nan, -0], (x) => x.tanh());
    await agree([nan, inf, -inf, 0], (x) => x.mul(0).add(1).div(x));
  });
});

describe("exportScalars, given", () => {
  const x = v(2, "x");
  const y = x.mul(3);
  const refusal = (...args: Parameters<typeof exportScalars>) => expect(() => exportScalars(...args));

  it("no inputs", () => {
    refusal(y, { inputs: {} }).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: exportScalars: no inputs — a model of constants computes nothing; name one leaf: { inputs: { x } }]`,
    );
    refusal(y, { inputs: parametersOf(new MLP(2, [])) }).toThrow("no inputs");
  });

  it("an input that is no Value, no leaf, or has no part in the result", () => {
    refusal(y, { inputs: { x: 3 as never } }).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: exportScalars: input "x" has type number — expected a Value]`,
    );
    refusal(y, { inputs: { x, y } }).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: exportScalars: input "y" is the result of "*" — only leaves are inputs; take those that it was computed from]`,
    );
    refusal(y, { inputs: { x, other: v(1) } }).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: exportScalars: input "other" has no part in the result — leave it out, or export a value that depends on it]`,
    );
  });

  it("one Value under two names, or two values of one name", () => {
    refusal(y, { inputs: { x, z: x } }).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: exportScalars: input "z" is "x" as well — one Value takes one name]`,
    );
    refusal(x.mul(v(1)), { inputs: { value: x } }).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: exportScalars: two values are called "value" — inputs and the outputs "value", "grad.<input>" and "next.<input>" share one space of names; rename the input]`,
    );
  });

  it("a constant, or an exponent, that is NaN", () => {
    refusal(x.mul(v(Number.NaN, "rate")), { inputs: { x } }).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: exportScalars: the constant "rate" is NaN — every result of the model would be NaN; give it a number, or make it an input]`,
    );
    refusal(x.pow(Number.NaN), { inputs: { x } }).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: exportScalars: the exponent of a power is NaN — every result of the model would be NaN]`,
    );
  });

  it("an operation that is none of micrograd's, or has too few inputs", () => {
    refusal(new Value(1, "", "sin", [x]), { inputs: { x } }).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: exportScalars: operation "sin" on 1 input — known are +, *, ^, relu, tanh, sigmoid, exp, log, ^<number>]`,
    );
    refusal(new Value(1, "", "+", [x]), { inputs: { x } }).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: exportScalars: operation "+" on 1 input — the operation takes 2]`,
    );
    refusal(new Value(1, "", "^2.0", [x]), { inputs: { x } }).toThrow(
      'operation "^2.0" on 1 input — known are',
    );
    refusal(new Value(1, "", "toString", [x]), { inputs: { x } }).toThrow("known are");
    refusal(new Value(1, "", "", [x]), { inputs: { x } }).toThrow("known are");
  });

  it("a graph with a cycle", () => {
    const prev = [x];
    const loop = new Value(1, "", "+", prev);
    prev.push(loop.tanh());
    refusal(loop, { inputs: { x } }).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: exportScalars: "tanh" is computed from itself, by way of "+" — a graph has no cycles; make a new Value in place of changing \`prev\`]`,
    );
    const own: Value[] = [x];
    const self = new Value(1, "", "*", own);
    own.push(self);
    refusal(self, { inputs: { x } }).toThrow("a graph has no cycles");
  });

  it("a learning rate that is no finite number", () => {
    refusal(y, { inputs: { x }, lr: Number.NaN }).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: exportScalars: lr NaN — the learning rate is a finite number]`,
    );
  });
});

/** The outputs at these numbers, by name. */
async function run(
  bytes: Uint8Array,
  numbers: Readonly<Record<string, number>>,
): Promise<Record<string, number>> {
  const feeds = Object.entries(numbers).map(([name, x]): [string, ArrayValue] => [name, numberAsInput(x)]);
  const outputs = await runOnnx(bytes, Object.fromEntries(feeds));
  return Object.fromEntries(Object.entries(outputs).map(([name, y]) => [name, y.item()]));
}

async function agree(numbers: readonly number[], f: (x: Value) => Value): Promise<void> {
  for (const number of numbers) {
    const x = v(number);
    expect([number, (await scalarParity([{ root: f(x), inputs: { x } }])).failure]).toEqual([number, null]);
  }
}
