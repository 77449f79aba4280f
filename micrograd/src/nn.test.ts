import { describe, expect, it } from "vitest";
import { Layer, MLP, Neuron, type Options } from "./nn.ts";
import { type Value, v } from "./value.ts";

describe("Neuron", () => {
  it("is a weighted sum, a bias and a nonlinearity", () => {
    const neuron = new Neuron(2);
    set(neuron.parameters(), [0.5, -2, 0.25]);
    expect(neuron.forward([3, 1]).data).toBeCloseTo(Math.tanh(0.5 * 3 - 2 * 1 + 0.25), 15);
  });

  it.each([
    [true, Math.tanh(-0.5)],
    ["tanh", Math.tanh(-0.5)],
    ["relu", 0],
    ["sigmoid", 1 / (1 + Math.exp(0.5))],
    [false, -0.5],
  ] as const)("with nonlin %s", (nonlin, expected) => {
    const neuron = new Neuron(1, { nonlin });
    set(neuron.parameters(), [-0.5, 0]);
    expect(neuron.forward([1]).data).toBeCloseTo(expected, 15);
  });

  it("passes gradients on to its parameters and its inputs", () => {
    const neuron = new Neuron(2, { nonlin: false });
    set(neuron.parameters(), [0.5, -2, 0.25]);
    const x = [v(3), v(1)];
    neuron.forward(x).backward();
    expect(neuron.parameters().map((p) => p.grad)).toEqual([3, 1, 1]);
    expect(x.map((xi) => xi.grad)).toEqual([0.5, -2]);
  });

  it("names its parameters, for pictures", () => {
    expect(new Neuron(2).parameters().map((p) => p.label)).toEqual(["w1", "w2", "b"]);
  });

  it("starts with weights of variance 1/n and no bias", () => {
    const { weights, bias } = new Neuron(10_000);
    const variance = weights.reduce((sum, w) => sum + w.data ** 2, 0) / weights.length;
    expect(variance * 10_000).toBeCloseTo(1, 1);
    expect(bias.data).toBe(0);
  });
});

describe("Layer and MLP", () => {
  it("have as many parameters as weights and biases", () => {
    expect(new Layer(3, 4).parameters()).toHaveLength(4 * (3 + 1));
    expect(new MLP(3, [16, 16, 1]).parameters()).toHaveLength(16 * 4 + 16 * 17 + 17);
  });

  it("give one value per neuron of the last layer, and end linear", () => {
    const mlp = new MLP(2, [3, 2], { nonlin: "relu" });
    expect(mlp.forward([1, v(2)])).toHaveLength(2);
    expect(mlp.layers.map((layer) => layer.neurons[0]!.nonlin)).toEqual(["relu", false]);
    expect(new MLP(2, [3, 1], { nonlin: false }).layers[0]!.neurons[0]!.nonlin).toBe(false);
  });

  it("make one node of a number that all neurons look at", () => {
    const [first, second] = new Layer(1, 2, { nonlin: false }).forward([5]);
    expect(input(first!)).toBe(input(second!));
  });

  it("draw the same weights from the same seed, others from another, and never two neurons alike", () => {
    const weights = (seed: number) => new MLP(2, [4, 1], { seed }).parameters().map((p) => p.data);
    expect(weights(1)).toEqual(weights(1));
    expect(weights(1)).not.toEqual(weights(2));
    const drawn = weights(1).filter((w) => w !== 0);
    expect(new Set(drawn).size).toBe(drawn.length);
  });

  it("take a generator instead of a seed", () => {
    expect(new Layer(3, 2, { random: () => 0.5 }).parameters().every((p) => p.data === 0)).toBe(true);
  });

  it("clear the gradients of all parameters and touch nothing else", () => {
    const mlp = new MLP(2, [3, 1]);
    const before = mlp.parameters().map((p) => p.data);
    mlp.forward([1, 2])[0]!.backward();
    expect(mlp.parameters().some((p) => p.grad !== 0)).toBe(true);
    mlp.zeroGrad();
    expect(mlp.parameters().every((p) => p.grad === 0)).toBe(true);
    expect(mlp.parameters().map((p) => p.data)).toEqual(before);
  });

  it("give every parameter a gradient", () => {
    const mlp = new MLP(3, [16, 16, 1], { seed: 3 });
    mlp.forward([0.5, -1, 2])[0]!.backward();
    expect(mlp.parameters().every((p) => p.grad !== 0)).toBe(true);
  });
});

describe("errors", () => {
  it("refuse options that nobody knows", () => {
    const wrong = { nonlinearity: "relu" } as object;
    expect(() => new Neuron(2, wrong)).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: Neuron: got nonlinearity — options: nonlin, seed, random]`,
    );
    expect(() => new Layer(2, 1, wrong)).toThrow("got nonlinearity");
    expect(() => new MLP(2, [1], wrong)).toThrow("got nonlinearity");
  });

  it("say which size is no size", () => {
    expect(() => new Neuron(0)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: Neuron: got size 0 — expected a positive integer]`,
    );
    expect(() => new Neuron(2.5)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: Neuron: got size 2.5 — expected a positive integer]`,
    );
    expect(() => new Neuron("2" as unknown as number)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: Neuron: got size "2" — expected a positive integer]`,
    );
    expect(() => new Layer(2, -1)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: Layer: got size -1 — expected a positive integer]`,
    );
    expect(() => new MLP(2, [4, 0, 1])).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: Layer: got size 0 — expected a positive integer]`,
    );
    expect(() => new MLP(Number.NaN, [1])).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: Neuron: got size NaN — expected a positive integer]`,
    );
  });

  it("say how many inputs are expected", () => {
    expect(() => new Neuron(2).forward([1, 2, 3])).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: Neuron(2): got 3 inputs — expected 2]`,
    );
    expect(() => new MLP(3, [2, 1]).forward([1])).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: Neuron(3): got 1 inputs — expected 3]`,
    );
    expect(() => new MLP(3, [2, 1]).forward(1 as unknown as number[])).toThrow(RangeError);
  });

  it("say which input is no number", () => {
    const words = ["a", "b"] as unknown as number[];
    const neuron = new Neuron(2, { random: () => 0.5 });
    expect(() => neuron.forward(words)).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: Value(0).mul("a"): got type string — expected a Value or a number]`,
    );
    expect(() => new MLP(2, [1], { random: () => 0.5 }).forward(words)).toThrow(TypeError);
  });

  it("list the nonlinearities there are", () => {
    const options = (nonlin: string) => ({ nonlin }) as unknown as Options;
    expect(() => new Neuron(2, options("gelu"))).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: Neuron: got nonlin "gelu" — expected tanh, relu, sigmoid or a boolean]`,
    );
    expect(() => new Neuron(2, options("constructor"))).toThrow(TypeError);
    expect(() => new Neuron(2, options("backward"))).toThrow(TypeError);
  });
});

function set(parameters: readonly Value[], data: readonly number[]): void {
  parameters.forEach((parameter, i) => {
    parameter.data = data[i]!;
  });
}

/** The x of b + w·x. */
function input(sum: Value): Value {
  return sum.prev[1]!.prev[1]!;
}
