import fc from "fast-check";
import { scope, type Tensor } from "tensorgrad";
import type { ArrayValue } from "tensorgrad/onnx";
import { checked } from "tensorgrad/runtime";
import { largest } from "../gradients/closeness.ts";
import { linesOf, type Resolved, runSteps, type Step } from "../gradients/registers.ts";
import { DRAWS, type Draws, type Failed, type Smallest, smallestFailure } from "../gradients/search.ts";
import { measure, text } from "../report/cells.ts";
import { once, type Section } from "../section.ts";
import { tensors } from "../table/inputs/arbitraries.ts";
import { anywhere } from "../table/inputs/domains.ts";
import { shapes } from "../table/inputs/shapes.ts";
import { agreement, largestOf, type Outcome } from "./agreement.ts";
import { OnnxSession } from "./onnx-runtime.ts";
import { exported } from "./operation.ts";
import { type RandomOperation, randomOperations } from "./random-operations.ts";
import { runTwice } from "./replay.ts";

export interface RandomModel {
  readonly inputs: readonly Tensor[];
  readonly steps: readonly Step[];
}

export interface RandomModelOptions extends Draws {
  readonly opset?: number;
  /** Where the operations come from; default all. */
  readonly operations?: readonly RandomOperation[];
}

/** Random models in both engines, in float32. */
export interface RandomModelParity extends Outcome {
  readonly models: number;
  /** Results compared: every operation of every model is one. */
  readonly results: number;
  /** Names of the operations that took part. */
  readonly operations: readonly string[];
  readonly maxAbs: number;
  readonly maxUlp: number;
  /** The larger of both engines' errors against float64, in units of what is allowed; 1 is the limit. */
  readonly worst: number;
  /** The smallest model that fails, and how to draw it again. */
  readonly failure: RandomModelFailure | null;
}

/** A disagreement, as small as it could be made: a program that one can type in. */
export interface RandomModelFailure extends Failed {
  /** What leads to the first result that fails: `r2 = tanh(r0); r3 = add(r2, r1)`. */
  readonly program: string;
  readonly inputs: string;
}

/**
 * Draws models, exports each with all its intermediate results as outputs, and compares them with ONNX Runtime's; of a
 * model that differs, fast-check finds the smallest that still does.
 */
export async function randomModelParity(options: RandomModelOptions = {}): Promise<RandomModelParity> {
  const {
    seed = 1,
    runs = 50,
    opset = 21,
    operations = randomOperations,
  } = checked("randomModelParity", options, [...DRAWS, "opset", "operations"]);
  const seen: Result[] = [];
  let models = 0;
  const failure = await smallestFailure(randomModels, { seed, runs }, async (model) => {
    const results = await compareModel(model, operations, opset);
    models++;
    seen.push(...results);
    const first = results.find(isOff);
    if (first) throw new Error(first.say);
  });
  const right = seen.filter((result) => !isOff(result));
  const { share: worst, ...most } = largestOf(["maxAbs", "maxUlp", "share"], right);
  return {
    name: "random models",
    passed: failure === null,
    models,
    results: seen.length,
    operations: [...new Set(seen.map(({ operation }) => operation))].sort(),
    worst,
    ...most,
    failure: failure && (await asProgram(failure, (model) => smallestPart(model, operations, opset))),
  };
}

/** A failure with its example in words. */
export async function asProgram(
  { example, ...how }: Smallest<RandomModel>,
  listed: (model: RandomModel) => Listing | Promise<Listing>,
): Promise<RandomModelFailure> {
  return { ...how, ...(example ? await listed(example) : { program: "", inputs: "" }) };
}

type Listing = Pick<RandomModelFailure, "program" | "inputs">;

/** Few elements, so that a failing model can be read; ranks up to 3, so that dims are more than rows and columns. */
const small = shapes({ minSize: 1, maxSize: 4, maxRank: 3, maxElements: 24 });

const step = fc.record({ op: fc.nat(9999), a: fc.nat(99), b: fc.nat(99), k: fc.nat(99) });

/** One to three inputs, one of which often fits the first, and up to twelve steps. */
export const randomModels: fc.Arbitrary<RandomModel> = small
  .chain((shape) =>
    fc.tuple(
      tensors({ shape, domain: anywhere }),
      fc.array(tensors({ shape: fc.oneof(fc.constant(shape), small), domain: anywhere }), { maxLength: 2 }),
      fc.array(step, { minLength: 1, maxLength: 12, size: "max" }),
    ),
  )
  // The second input often has the shape of the first: unrelated shapes rarely meet in an operation.
  .map(([first, others, steps]) => ({ inputs: [first, ...others].map(narrow), steps }));

/** Drawn on a grid that float32 holds exactly: both engines start from the same numbers. */
const narrow = (x: Tensor): Tensor => x.detach().to("float32");

/**
 * All registers of a program, inputs first; `visit` sees every step. Instructions are chosen among those that take the
 * operands (`neg` and its like take any): so a step means something on any registers, also after others were taken away.
 */
export function runProgram(
  steps: readonly Step[],
  inputs: readonly Tensor[],
  operations: readonly RandomOperation[],
  visit?: (step: Resolved<Tensor>) => void,
): Tensor[] {
  const choose = (op: number, a: Tensor, b: Tensor) => {
    const fitting = operations.filter(({ takes }) => takes(a.shape, b.shape));
    return fitting[op % fitting.length];
  };
  return runSteps(steps, inputs, choose, visit);
}

/** One operation of one model, in both engines and against float64. */
interface Result {
  readonly operation: string;
  readonly maxAbs: number;
  readonly maxUlp: number;
  /** Of what is allowed. */
  readonly share: number;
  /** Who is off, for a message. */
  readonly say: string;
}

/** Compares every result of a model, or only one. */
async function compareModel(
  { inputs, steps }: RandomModel,
  operations: readonly RandomOperation[],
  opset: number,
  only?: number,
): Promise<Result[]> {
  const names: string[] = [];
  const visit = ({ instruction }: Resolved<Tensor>) => names.push(instruction.name);
  const chosen = (registers: Tensor[]) => {
    const results = registers.slice(inputs.length);
    return only === undefined ? results : [results[only]];
  };
  const model = (...x: Tensor[]) => chosen(runProgram(steps, x, operations, visit));
  const { bytes, values: given } = exported(inputs, model, opset);
  const { outputs, truth } = runTwice((...x) => chosen(runProgram(steps, x, operations)), given);
  await using session = await OnnxSession.open(bytes);
  const theirs = await session.fetch(given);
  // Rounding is relative to the largest number met so far: what cancelled has left its error behind.
  let size = Math.max(1, ...given.map(({ data }) => largest(data as Float32Array)));
  return Object.keys(outputs).map((name, i) => {
    size = Math.max(size, largest(truth[name].data as Float64Array));
    return compareResult(names[only ?? i], [outputs[name], theirs[name], truth[name]], size);
  });
}

/** Neither NaN nor more than 1 is within what is allowed. */
const isOff = ({ share }: Result): boolean => !(share <= 1);

/**
 * Two engines may both be off by what the numbers themselves lose; but neither by much more than the other, beyond
 * some rounding of the largest number so far.
 */
function compareResult(
  operation: string,
  [ours, theirs, truth]: readonly [ArrayValue, ArrayValue, ArrayValue],
  size: number,
): Result {
  const { maxAbs, maxUlp } = agreement(ours, theirs);
  const [mine, others] = [ours, theirs].map((value) => agreement(value, truth).maxAbs);
  // Some 32 roundings of 2⁻²³, for a result that several operations led to; and 8 times the other engine's
  // error.
  const rounding = 32 * 2 ** -23 * size;
  const share = Math.max(mine / (rounding + 8 * others), others / (rounding + 8 * mine));
  const off = (error: number) => `${error.toPrecision(2)}`;
  return {
    operation,
    maxAbs,
    maxUlp,
    share,
    say: `${operation} differs: against float64 ours is off by ${off(mine)}, theirs by ${off(others)} (numbers up to ${size.toPrecision(2)})`,
  };
}

/** Of a model that fails, the first result that fails alone, with what it is computed from. */
async function smallestPart(
  model: RandomModel,
  operations: readonly RandomOperation[],
  opset: number,
): Promise<Listing> {
  for (let place = 0; place < model.steps.length; place++) {
    const fails = await compareModel(model, operations, opset, place).then(
      ([result]) => isOff(result),
      () => true,
    );
    if (fails) return listing(model, operations, model.inputs.length + place);
  }
  return listing(model, operations);
}

/** What leads to one register (or all that there is), in words; registers r0, r1, … start with the inputs. */
export function listing(
  { inputs, steps }: RandomModel,
  operations: readonly RandomOperation[],
  register?: number,
): Listing {
  using _step = scope();
  const program: Resolved<Tensor>[] = [];
  runProgram(steps, inputs, operations, (resolved) => program.push(resolved));
  const last = inputs.length + steps.length - 1;
  const all = Array.from({ length: last + 1 }, (_, i) => i);
  const needed = new Set(register === undefined ? all : [register]);
  // Backwards, so that what an operand was computed from is met after the operand.
  for (let place = last; place >= inputs.length; place--) {
    if (needed.has(place)) for (const operand of program[place - inputs.length].operands) needed.add(operand);
  }
  const lines = linesOf(program, inputs.length);
  const values = inputs.map((x, i) => `r${i} = ${JSON.stringify(x.toArray())}`);
  return {
    program: lines.filter((_, i) => needed.has(inputs.length + i)).join("; "),
    inputs: values.filter((_, i) => needed.has(i)).join(", "),
  };
}

/**
 * Level 3: programs that nobody thought of. Ten times as many runs as elsewhere, for each is small; a thousand small
 * ones are one experiment. What is allowed follows from both engines' distance to float64 on the same program, so the
 * share says how near the worst came to an alarm.
 */
export const randomModelSection: Section<RandomModelParity> = {
  part: "parity",
  title: "Random models in ONNX Runtime",
  about:
    "Random programs with all intermediate results as outputs; what is allowed follows from both engines' errors against float64.",
  items: once,
  check: (_, { seed, parityRuns }) => randomModelParity({ seed, runs: 10 * parityRuns }),
  columns: {
    models: (r) => text(r.models),
    results: (r) => text(r.results),
    "share of what is allowed": (r) => measure(r.worst, 1),
    "max abs": (r) => measure(r.maxAbs),
    "max ULP": (r) => measure(r.maxUlp),
    operations: (r) => text(r.operations.join(" ")),
  },
  brief: ["models", "results", "share of what is allowed", "max ULP"],
  wrong: ({ failure }) => failure && `random model: ${failure.message}\n${failure.program}`,
  counts: [{ key: "randomModels", label: "random models in ONNX Runtime", size: (r) => r.models }],
};
