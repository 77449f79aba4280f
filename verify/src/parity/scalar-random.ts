import fc from "fast-check";
import { Value } from "micrograd";
import { type Instruction, listed, oneOf, runSteps, type Step } from "../gradients/registers.ts";
import { type Draws, smallestFailure } from "../gradients/search.ts";
import { largestOf, totalOf } from "./agreement.ts";
import { type ScalarParity, type ScalarPoint, scalarParity } from "./scalar.ts";

/** One to three numbers, and steps that each read one or two of the registers before and append one. */
interface ScalarProgram {
  readonly numbers: readonly number[];
  readonly steps: readonly Step[];
}

type ScalarOperation = Instruction<Value>;

const unary = (name: string, run: (x: Value) => Value): ScalarOperation => ({ name, operands: 1, run });
const binary = (name: string, run: ScalarOperation["run"]): ScalarOperation => ({ name, operands: 2, run });

/** A number between ½ and 3/2: what powers and logarithms can live with, wherever a program has come to. */
const base = (x: Value) => x.sigmoid().add(0.5);

/** All operations of micrograd, where they are well conditioned: a dozen in a row neither overflow nor cancel. */
export const scalarOperations: readonly ScalarOperation[] = [
  binary("add", (a, b) => a.add(b)),
  binary("sub", (a, b) => a.sub(b)),
  binary("mul", (a, b) => a.mul(b.tanh())),
  binary("div", (a, b) => a.div(base(b))),
  binary("pow", (a, b) => base(a).pow(b.tanh())),
  unary("half", (x) => x.mul(0.5)),
  unary("neg", (x) => x.neg()),
  unary("cube", (x) => x.tanh().pow(3)),
  unary("root", (x) => base(x).pow(0.5)),
  unary("inverse square", (x) => base(x).pow(-2)),
  unary("to the 0", (x) => x.pow(0)),
  unary("relu", (x) => x.relu()),
  unary("tanh", (x) => x.tanh()),
  unary("sigmoid", (x) => x.sigmoid()),
  unary("exp", (x) => x.tanh().exp()),
  unary("log", (x) => base(x).log()),
];

/** Multiples of 2^-10, and often 0, where relu bends. */
const number = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: -3072, max: 3072 }).map((n) => n / 1024) },
  { weight: 1, arbitrary: fc.constant(0) },
);

const step = fc.record({ op: fc.nat(999), a: fc.nat(99), b: fc.nat(99) });

export const scalarPrograms: fc.Arbitrary<ScalarProgram> = fc.record({
  numbers: fc.array(number, { minLength: 1, maxLength: 3, size: "max" }),
  steps: fc.array(step, { minLength: 1, maxLength: 12, size: "max" }),
});

/** Runs a program; the result is the sum of all registers, so that everything computed takes part. */
export function runScalars({ numbers, steps }: ScalarProgram): ScalarPoint {
  const leaves = numbers.map((x, i) => new Value(x, `r${i}`));
  const registers = runSteps(steps, leaves, oneOf(scalarOperations));
  const root = registers.reduce((sum, x) => sum.add(x));
  return { root, inputs: Object.fromEntries(leaves.map((leaf) => [leaf.label, leaf])) };
}

/** `r0 = -0.5; r1 = relu(r0)` */
export function scalarListing({ numbers, steps }: ScalarProgram): string {
  const given = numbers.map((x, i) => `r${i} = ${x}`);
  return [...given, ...listed(steps, numbers.length, scalarOperations)].join("; ");
}

/** Draws programs and compares each with ONNX Runtime; one that differs is shrunk to the smallest that still does. */
export async function randomScalarParity({
  seed = 1,
  runs = 100,
  shrink = true,
}: Draws = {}): Promise<ScalarParity> {
  const name = "random programs";
  const reports: ScalarParity[] = [];
  const found = await smallestFailure(scalarPrograms, { seed, runs, shrink }, async (program) => {
    const report = await scalarParity([runScalars(program)], { name });
    if (report.kinks === 0 && !report.passed) throw new Error(report.failure ?? "");
    reports.push(report);
  });
  return {
    name,
    passed: found === null,
    tolerance: reports[0]?.tolerance ?? 0,
    ...totalOf(["points", "kinks", "nodes", "values", "gradients"], reports),
    ...largestOf(["relative", "maxRel"], reports),
    failure:
      found &&
      `${found.example ? scalarListing(found.example) : "no program"}: ${found.message}; replay with seed ${found.seed}, path "${found.path}"`,
  };
}
