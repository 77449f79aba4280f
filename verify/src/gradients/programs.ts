import fc from "fast-check";
import { Value } from "micrograd";
import type { Tensor } from "tensorgrad";
import { tensors } from "../table/inputs/arbitraries.ts";
import { anywhere, awayFrom } from "../table/inputs/domains.ts";
import { broadcast, sizeOf } from "../table/inputs/shapes.ts";
import { unravel } from "./closeness.ts";
import type { Example } from "./evaluate.ts";
import { listed, oneOf, runSteps, type Step } from "./registers.ts";

/**
 * Random programs of 5 to 15 operations with fan-out, in two languages: tensors, and grids of micrograd's scalars. They
 * find what single operations cannot: gradients that meet, broadcast values used twice, one operation after the other.
 */

/** A tensor of scalars: what micrograd computes with, element by element. */
export interface Grid {
  readonly shape: readonly number[];
  readonly values: readonly Value[];
}

/** What both engines can do: a rule written for it is one text in two languages. */
interface Numeric<T> {
  add(other: T | number): T;
  sub(other: T): T;
  mul(other: T): T;
  div(other: T): T;
  pow(exponent: number): T;
  neg(): T;
  tanh(): T;
  relu(): T;
  exp(): T;
  log(): T;
  sigmoid(): T;
}
type Rule = <T extends Numeric<T>>(a: T, b: T) => T;

/** One operation in both languages. Functions are bounded or nearly so, or fifteen of them would overflow. */
interface Bilingual {
  readonly name: string;
  readonly operands: 1 | 2;
  readonly tensor: (a: Tensor, b: Tensor) => Tensor;
  readonly grid: (a: Grid, b: Grid) => Grid;
}

export interface Program {
  readonly steps: readonly Step[];
}

const perElement = (name: string, rule: <T extends Numeric<T>>(x: T) => T): Bilingual => ({
  name,
  operands: 1,
  tensor: (x) => rule(x),
  grid: (a) => ({ shape: a.shape, values: a.values.map((x) => rule(x)) }),
});

const perPair = (name: string, rule: Rule): Bilingual => ({
  name,
  operands: 2,
  tensor: (a, b) => rule(a, b),
  grid: (a, b) => {
    const shape = broadcast([a.shape, b.shape]);
    const values = Array.from({ length: sizeOf(shape) }, (_, i) =>
      rule(elementAt(a, i, shape), elementAt(b, i, shape)),
    );
    return { shape, values };
  },
});

export const instructions: readonly Bilingual[] = [
  perPair("add", (a, b) => a.add(b)),
  perPair("sub", (a, b) => a.sub(b)),
  perPair("mul tanh", (a, b) => a.mul(b.tanh())),
  perPair("div 1 + sigmoid", (a, b) => a.div(b.sigmoid().add(1))),
  perElement("neg", (x) => x.neg()),
  perElement("tanh", (x) => x.tanh()),
  perElement("relu", (x) => x.relu()),
  perElement("exp tanh", (x) => x.tanh().exp()),
  perElement("log 1 + sigmoid", (x) => x.sigmoid().add(1).log()),
  perElement("sigmoid pow 3", (x) => x.sigmoid().pow(3)),
  { name: "mean(0)", operands: 1, tensor: (x) => x.mean(0, { keepDim: true }), grid: meanOfRows },
  {
    name: "matmul of the transposed",
    operands: 1,
    tensor: (a) => a.matmul(a.transpose(0, 1)).mul(0.25),
    grid: gram,
  },
];
const onTensors = instructions.map(({ tensor, ...said }) => ({ ...said, run: tensor }));
const onScalars = instructions.map(({ grid, ...said }) => ({ ...said, run: grid }));

/** A program and its inputs, none of which starts on a kink. */
export const programs: fc.Arbitrary<{ readonly program: Program; readonly inputs: readonly Tensor[] }> = fc
  .tuple(
    fc.array(fc.record({ op: fc.nat(instructions.length - 1), a: fc.nat(1000), b: fc.nat(1000) }), {
      minLength: 5,
      maxLength: 15,
      size: "max",
    }),
    tensors({ shape: [3, 3], domain: awayFrom(0, 1 / 64) }),
    tensors({ shape: [1, 3], domain: anywhere }),
    tensors({ shape: [3, 1], domain: anywhere }),
  )
  .map(([steps, ...inputs]) => ({ program: { steps }, inputs }));

/** The sum of all registers, so that everything computed takes part. */
export function runOnTensors({ steps }: Program, inputs: readonly Tensor[]): Tensor {
  const registers = runSteps(steps, inputs, oneOf(onTensors));
  return registers.map((x) => x.sum()).reduce((sum, x) => sum.add(x));
}

export function runOnScalars({ steps }: Program, inputs: readonly Grid[]): Value {
  const registers = runSteps(steps, inputs, oneOf(onScalars));
  return registers.map(({ values }) => total(values)).reduce((sum, x) => sum.add(x));
}

/** Programs as rows of the table draw them. */
export const programExamples: fc.Arbitrary<Example> = programs.map(({ program, inputs }) => ({
  inputs,
  options: listing(program, inputs.length),
  run: (...x) => runOnTensors(program, x),
}));

/** `r3 = tanh(r0); r4 = add(r3, r1)` */
export const listing = ({ steps }: Program, inputs: number): string =>
  listed(steps, inputs, onTensors).join("; ");

export const gridOf = (x: Tensor): Grid => ({
  shape: x.shape,
  values: Array.from(x.data, (n) => new Value(n)),
});

const total = (values: readonly Value[]): Value => values.reduce((sum, x) => sum.add(x), new Value(0));

/** The element of a grid that broadcasting puts at place i of a larger shape. */
function elementAt({ shape, values }: Grid, i: number, larger: readonly number[]): Value {
  const at = unravel(i, larger).slice(larger.length - shape.length);
  return values[at.reduce((place, n, dim) => place * shape[dim] + (shape[dim] === 1 ? 0 : n), 0)];
}

function meanOfRows({ shape: [rows, cols], values }: Grid): Grid {
  const column = (j: number) => total(Array.from({ length: rows }, (_, i) => values[i * cols + j])).div(rows);
  return { shape: [1, cols], values: Array.from({ length: cols }, (_, j) => column(j)) };
}

function gram({ shape: [rows, cols], values }: Grid): Grid {
  const entry = (i: number, j: number) =>
    total(Array.from({ length: cols }, (_, k) => values[i * cols + k].mul(values[j * cols + k]))).mul(0.25);
  const all = Array.from({ length: rows * rows }, (_, at) => entry(Math.floor(at / rows), at % rows));
  return { shape: [rows, rows], values: all };
}
