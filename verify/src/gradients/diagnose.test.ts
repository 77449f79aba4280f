import { Function, type Gradient, type Tensor } from "tensorgrad";
import { describe, expect, it } from "vitest";
import "../vitest.ts";
import { tensors } from "../table/inputs/arbitraries.ts";
import { awayFrom, positive } from "../table/inputs/domains.ts";
import { checkGradients } from "./gradients.ts";

type Rule = (g: Tensor, x: Tensor[], y: Tensor) => Gradient[];

/** A function of a user's, with the rule that they wrote for it. */
const made = (forward: (...x: Tensor[]) => Tensor, rule: Rule) => {
  class Mine extends Function {
    #x!: Tensor[];
    #y!: Tensor;
    forward(...x: Tensor[]): Tensor {
      this.#x = x;
      this.#y = forward(...x);
      return this.#y;
    }
    backward(g: Tensor): Gradient[] {
      return rule(g, this.#x, this.#y);
    }
  }
  return (...x: Tensor[]) => new Mine().apply(...x);
};

const [vector, matrix, other] = [[4], [2, 3], [3, 2]].map((shape) => tensors({ shape }));
const above = tensors({ shape: [4], domain: positive });
/** Whole numbers: one in seven lies on a kink at a whole number. */
const whole = tensors({ shape: [1] }).map((x) => x.round().detach());
const apart = tensors({ shape: [4], domain: awayFrom(0) });

type Fault = [what: string, fn: (...x: Tensor[]) => Tensor, inputs: (typeof vector)[], kind: RegExp];
const SIGN = /probably the sign/;
const FACTOR = /probably a factor/;
const SUM = /probably (a sum is missing|no gradient arrives)/;
const OPERAND = /probably another operand/;

/** Twenty faults as people make them. */
const faults: Fault[] = [
  [
    "sin: −cos",
    made(
      (x) => x.sin(),
      (g, [x]) => [g.mul(x.cos()).neg()],
    ),
    [vector],
    SIGN,
  ],
  [
    "sub: +1 for b",
    made(
      (a, b) => a.sub(b),
      (g) => [g, g],
    ),
    [vector, vector],
    SIGN,
  ],
  [
    "cos: sin",
    made(
      (x) => x.cos(),
      (g, [x]) => [g.mul(x.sin())],
    ),
    [vector],
    SIGN,
  ],
  [
    "reciprocal: +1/x²",
    made(
      (x) => x.reciprocal(),
      (g, [x]) => [g.div(x.square())],
    ),
    [apart],
    SIGN,
  ],
  [
    "square: 4x",
    made(
      (x) => x.square(),
      (g, [x]) => [g.mul(x).mul(4)],
    ),
    [vector],
    /factor of 2: counted twice/,
  ],
  [
    "square: x",
    made(
      (x) => x.square(),
      (g, [x]) => [g.mul(x)],
    ),
    [vector],
    /factor of 1\/2/,
  ],
  [
    "sum: 1/n",
    made(
      (x) => x.sum(),
      (g, [x]) => [g.expand(x.shape).div(x.size)],
    ),
    [vector],
    /factor of 1\/4: a mean/,
  ],
  [
    "mean: 1",
    made(
      (x) => x.mean(),
      (g, [x]) => [g.expand(x.shape)],
    ),
    [vector],
    /factor of 4: a sum/,
  ],
  [
    "cube: 2.9x²",
    made(
      (x) => x.square().mul(x),
      (g, [x]) => [g.mul(x.square()).mul(2.9)],
    ),
    [vector],
    FACTOR,
  ],
  [
    "tanh: off by 1e-4",
    made(
      (x) => x.tanh(),
      (g, _, y) => [g.mul(y.square().neg().add(1)).mul(1.0001)],
    ),
    [vector],
    FACTOR,
  ],
  [
    "softmax without its sum",
    made(
      (x) => x.exp().div(x.exp().sum()),
      (g, _, y) => [g.mul(y)],
    ),
    [vector],
    SUM,
  ],
  [
    "a centred vector without the mean's part",
    made(
      (x) => x.sub(x.mean()),
      (g) => [g],
    ),
    [vector],
    SUM,
  ],
  [
    "expand: the first row only",
    made(
      (x) => x.expand(2, 4),
      (g) => [g.select(0, 0)],
    ),
    [vector],
    SUM,
  ],
  [
    "mul: nothing for b",
    made(
      (a, b) => a.mul(b),
      (g, [, b]) => [g.mul(b), null],
    ),
    [vector, vector],
    SUM,
  ],
  [
    "cumsum: as it came",
    made(
      (x) => x.cumsum(0),
      (g) => [g],
    ),
    [vector],
    SUM,
  ],
  [
    "mul: own operand",
    made(
      (a, b) => a.mul(b),
      (g, [a, b]) => [g.mul(a), g.mul(b)],
    ),
    [vector, vector],
    OPERAND,
  ],
  [
    "sigmoid: x in place of y",
    made(
      (x) => x.sigmoid(),
      (g, [x]) => [g.mul(x).mul(x.neg().add(1))],
    ),
    [vector],
    OPERAND,
  ],
  [
    "log: 1/y",
    made(
      (x) => x.log(),
      (g, _, y) => [g.div(y.square().add(1))],
    ),
    [above],
    OPERAND,
  ],
  [
    "matmul: a without transpose",
    made(
      (a, b) => a.matmul(b),
      (g, [a, b]) => [g.matmul(b.t()), a.reshape(3, 2).matmul(g)],
    ),
    [matrix, other],
    OPERAND,
  ],
  [
    "sqrt: x in place of y",
    made(
      (x) => x.sqrt(),
      (g, [x]) => [g.div(x.mul(2))],
    ),
    [above],
    OPERAND,
  ],
  [
    "abs without a signature",
    made(
      (x) => x.abs(),
      (g, [x]) => [g.mul(x.sign())],
    ),
    [whole],
    /kink at input 0 = 0: define signature\(\) or draw from awayFrom\(0\)/,
  ],
  [
    "relu moved to 1, without a signature",
    made(
      (x) => x.sub(1).relu(),
      (g, [x]) => [g.mul(x.gt(1).to(x.dtype))],
    ),
    [whole],
    /kink at input 0 = 1: define/,
  ],
];

const messageOf = (fn: Fault[1], inputs: Fault[2]): string => {
  try {
    checkGradients(fn, inputs, { order: 1, runs: 400, name: "mine" });
  } catch (error) {
    return (error as Error).message;
  }
  return "nothing was found";
};

describe("the message about a wrong gradient", () => {
  it("names the kind of every planted fault, or of nine in ten", () => {
    const missed = faults.flatMap(([what, fn, inputs, kind]) => {
      const message = messageOf(fn, inputs);
      return kind.test(message) ? [] : [`${what}: ${message}`];
    });
    expect(missed).toEqual([]);
  });

  it("ends with numbers that one can calculate with", () => {
    const [, square, inputs] = faults[4];
    const message = messageOf(square, inputs);
    const numbers = JSON.parse(message.slice(message.lastIndexOf("[4] ") + 4));
    expect(numbers.every((n: number) => [0.5, 0.75, 1, 2].includes(Math.abs(n)))).toBe(true);
    expect(message).toMatchInlineSnapshot(`
      "mine, gradient of input 0 [4]: backward gives -0.6982 along v, finite differences give -0.3491 (allowed 8e-13); replay with seed 1, path "0:0:0:0:0:0:0:0:0"
        probably a factor of 2: counted twice
        ∂y[0]/∂(input 0)[0]: backward 4.000, finite differences 2.000
        ∂y[1]/∂(input 0)[1]: backward 4.000, finite differences 2.000
        ∂y[2]/∂(input 0)[2]: backward 4.000, finite differences 2.000
        ∂y[3]/∂(input 0)[3]: backward 4.000, finite differences 2.000
        input 0 = float64 [4] [1,1,1,1]"
    `);
  });

  it("says nothing of a cause where the gradient is right", () => {
    expect(messageOf((x) => x.tanh(), [vector])).toBe("nothing was found");
  });

  it("says of a second derivative that it is cut off", () => {
    const cut = made(
      (x) => x.square(),
      (g, [x]) => [g.mul(x.detach()).mul(2)],
    );
    expect(() => checkGradients(cut, [vector], { runs: 20 })).toThrow("a second derivative that is cut off");
  });

  it("finds the kink where most examples lie on it", () => {
    const zeros = tensors({ shape: [2] }).map((x) => x.mul(0).detach());
    const corner = made(
      (x) => x.abs(),
      (g, [x]) => [g.mul(x.sign())],
    );
    expect(() => checkGradients(corner, [zeros], { runs: 20, order: 1 })).toThrow("kink at input 0[0] = 0");
  });
});

describe("functions of any library", () => {
  const value = (x: Float64Array) => x[0] ** 2 + 3 * x[1];
  const right = { value, gradient: (x: Float64Array) => [2 * x[0], 3] };
  const wrong = { value, gradient: (x: Float64Array) => [2 * x[0], -3] };
  const pair = [tensors({ shape: [2] })];

  it("are checked as { value, gradient }", () => {
    expect(checkGradients(right, pair, { runs: 20 })).toMatchObject({ failure: null, examples: 20 });
    expect(() => checkGradients(wrong, pair, { runs: 20 })).toThrow(SIGN);
  });

  it("are matched by toHaveGradient, as tensor functions are", () => {
    expect(right).toHaveGradient(pair, { runs: 20 });
    expect(wrong).not.toHaveGradient(pair, { runs: 20 });
    expect((x: Tensor) => x.exp()).toHaveGradient(pair, { runs: 20 });
    expect(() => expect(wrong).toHaveGradient(pair, { runs: 20 })).toThrow(SIGN);
  });

  it("are refused where they give no number, or another count of numbers", () => {
    const check =
      (fn: object, inputs = pair) =>
      () =>
        checkGradients(fn as typeof right, inputs, { runs: 2 });
    expect(check({ ...right, value: () => "1" })).toThrow("value(x) gave string — expected a number");
    expect(check({ ...right, gradient: () => [1] })).toThrow(
      "gradient(x) gave 1 numbers for 2 — one for each of x",
    );
    expect(check({ ...right, gradient: () => 1 })).toThrow("gradient(x) gave number for 2");
    expect(check(right, [...pair, ...pair])).toThrow("2 inputs for { value, gradient } — it takes one");
    expect(check({ value })).toThrow("in place of a function of tensors, or of { value, gradient }");
  });
});
