import { Function, type Gradient, type Tensor } from "tensorgrad";
import { tensors } from "../table/inputs/arbitraries.ts";
import { awayFrom, positive } from "../table/inputs/domains.ts";
import { checkGradients } from "./gradients.ts";

type Rule = (g: Tensor, x: Tensor[], y: Tensor) => Gradient[];

/** A function of a user's, with the rule that they wrote for it. */
export const made = (forward: (...x: Tensor[]) => Tensor, rule: Rule) => {
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

const [matrix, other] = [
  [2, 3],
  [3, 2],
].map((shape) => tensors({ shape }));
export const vector = tensors({ shape: [4] });
const above = tensors({ shape: [4], domain: positive });
/** Whole numbers: one in seven lies on a kink at a whole number. */
const whole = tensors({ shape: [1] }).map((x) => x.round().detach());
const apart = tensors({ shape: [4], domain: awayFrom(0) });

export type UserFault = readonly [
  what: string,
  fn: (...x: Tensor[]) => Tensor,
  inputs: (typeof vector)[],
  kind: RegExp,
];
export const SIGN = /probably the sign/;
const FACTOR = /probably a factor/;
const SUM = /probably (a sum is missing|no gradient arrives)/;
const OPERAND = /probably another operand/;

/** Faults as people make them in functions of their own, with what the message has to say. */
export const userFaults: readonly UserFault[] = [
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

/** The message about a fault of a user's. */
export function userMessage([, fn, inputs]: UserFault): string {
  try {
    checkGradients(fn, inputs, { order: 1, runs: 400, name: "mine" });
  } catch (error) {
    return (error as Error).message;
  }
  return "nothing was found";
}
