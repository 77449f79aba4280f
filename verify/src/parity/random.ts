import fc from "fast-check";
import { scope, type Tensor } from "tensorgrad";
import { type ArrayValue, exportOnnx } from "tensorgrad/onnx";
import { tensors } from "../table/arbitraries.ts";
import { anywhere } from "../table/domains.ts";
import { shapes } from "../table/shapes.ts";
import { agreement } from "./agreement.ts";
import { OnnxSession } from "./onnx-runtime.ts";
import { type RandomOperation, randomOperations } from "./random-operations.ts";
import { copyOf, runTwice } from "./replay.ts";

/** Programs of registers: every step reads one or two of those before and appends one. */
export interface RandomModel {
  readonly inputs: readonly Tensor[];
  readonly steps: readonly Step[];
}

/** Places in lists, taken modulo their lengths: whatever is left after shrinking still is a program. */
interface Step {
  readonly op: number;
  readonly a: number;
  readonly b: number;
  readonly k: number;
}

export interface RandomModelOptions {
  readonly seed?: number;
  readonly runs?: number;
  readonly opset?: number;
  /** Where the operations come from; default all. */
  readonly operations?: readonly RandomOperation[];
}

/** Random models in both engines, in float32. */
export interface RandomModelParity {
  readonly name: string;
  readonly passed: boolean;
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
export interface RandomModelFailure {
  readonly message: string;
  /** What leads to the first result that fails: `r2 = tanh(r0); r3 = add(r2, r1)`. */
  readonly program: string;
  readonly inputs: string;
  readonly seed: number;
  readonly path: string;
}

/**
 * Draws models, exports each with all its intermediate results as outputs, and compares them with ONNX Runtime's; of a
 * model that differs, fast-check finds the smallest that still does.
 */
export async function randomModelParity(options: RandomModelOptions = {}): Promise<RandomModelParity> {
  const { seed = 1, runs = 50, opset = 21, operations = randomOperations } = options;
  const found = { models: 0, results: 0, maxAbs: 0, maxUlp: 0, worst: 0 };
  const used = new Set<string>();
  const law = fc.asyncProperty(randomModels, async (model) => {
    const results = await compareModel(model, operations, opset);
    found.models++;
    found.results += results.length;
    for (const { operation, maxAbs, maxUlp, share } of results) {
      used.add(operation);
      if (!(share <= 1)) continue;
      found.maxAbs = Math.max(found.maxAbs, maxAbs);
      found.maxUlp = Math.max(found.maxUlp, maxUlp);
      found.worst = Math.max(found.worst, share);
    }
    const first = results.find(({ share }) => !(share <= 1));
    if (first) throw new Error(first.say);
  });
  const { failed, counterexample, counterexamplePath, errorInstance } = await fc.check(law, {
    seed,
    numRuns: runs,
  });
  return {
    name: "random models",
    passed: !failed,
    ...found,
    operations: [...used].sort(),
    failure:
      failed && counterexample
        ? {
            message: messageOf(errorInstance),
            ...(await smallestPart(counterexample[0], operations, opset)),
            seed,
            path: counterexamplePath ?? "",
          }
        : null,
  };
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Few elements, so that a failing model can be read; ranks up to 3, so that dims are more than rows and columns. */
const small = shapes({ minSize: 1, maxSize: 4, maxRank: 3, maxElements: 24 });

/** Numbers without meaning of their own; registers and operations are counted off by them. */
const step: fc.Arbitrary<Step> = fc.record({
  op: fc.nat(9999),
  a: fc.nat(99),
  b: fc.nat(99),
  k: fc.nat(99),
});

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

/** An instruction with its operands resolved: positions of registers. */
interface Instruction {
  readonly operation: RandomOperation;
  readonly operands: readonly number[];
  readonly k: number;
}

/** The next instruction: one of those that take the chosen registers. `neg` and its like take any. */
function resolve(
  { op, a, b, k }: Step,
  registers: readonly Tensor[],
  operations: readonly RandomOperation[],
): Instruction {
  const [i, j] = [a % registers.length, b % registers.length];
  const [x, y] = [registers[i].shape, registers[j].shape];
  // Chosen among those that fit, a step means something on any registers, also after others were taken away.
  const fitting = operations.filter(({ takes }) => takes(x, y));
  const operation = fitting[op % fitting.length];
  return { operation, operands: [i, j].slice(0, operation.operands), k };
}

/** All registers that a program appends to its inputs; `visit` sees every instruction. */
export function runProgram(
  steps: readonly Step[],
  inputs: readonly Tensor[],
  operations: readonly RandomOperation[],
  visit: (instruction: Instruction) => void = () => {},
): Tensor[] {
  const registers = [...inputs];
  for (const step of steps) {
    const instruction = resolve(step, registers, operations);
    visit(instruction);
    const [a, b = a] = instruction.operands.map((place) => registers[place]);
    registers.push(instruction.operation.run(a, b, instruction.k));
  }
  return registers.slice(inputs.length);
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
  const visit = ({ operation }: Instruction) => names.push(operation.name);
  const chosen = (results: Tensor[]) => (only === undefined ? results : [results[only]]);
  const given = inputs.map(copyOf);
  const bytes = exportAll(inputs, (...x) => chosen(runProgram(steps, x, operations, visit)), opset);
  const { outputs, truth } = runTwice((...x) => chosen(runProgram(steps, x, operations)), given);
  await using session = await OnnxSession.open(bytes);
  const theirs = await session.fetch(given);
  // Rounding is relative to the largest number met so far: what cancelled has left its error behind.
  let size = Math.max(1, ...given.map(largest));
  return Object.keys(outputs).map((name, i) => {
    size = Math.max(size, largest(truth[name]));
    return compareResult(names[only ?? i], [outputs[name], theirs[name], truth[name]], size);
  });
}

/** The fixed batch spares a second trace; shapes are part of what is random here. */
function exportAll(
  inputs: readonly Tensor[],
  model: (...x: Tensor[]) => Tensor[],
  opset: number,
): Uint8Array {
  using _step = scope();
  return exportOnnx(model, inputs, { opset, dynamicBatch: false });
}

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

const largest = ({ data }: ArrayValue): number =>
  (data as Float32Array).reduce((most, x) => Math.max(most, Math.abs(x)), 0);

/** Of a model that fails, the first result that fails alone, with what it is computed from. */
async function smallestPart(
  model: RandomModel,
  operations: readonly RandomOperation[],
  opset: number,
): Promise<{ program: string; inputs: string }> {
  for (let place = 0; place < model.steps.length; place++) {
    const fails = await compareModel(model, operations, opset, place).then(
      ([{ share }]) => !(share <= 1),
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
): { program: string; inputs: string } {
  using _step = scope();
  const program: Instruction[] = [];
  runProgram(steps, inputs, operations, (instruction) => program.push(instruction));
  const last = inputs.length + steps.length - 1;
  const all = Array.from({ length: last + 1 }, (_, i) => i);
  const needed = new Set(register === undefined ? all : [register]);
  // Backwards, so that what an operand was computed from is met after the operand.
  for (let place = last; place >= inputs.length; place--) {
    if (needed.has(place)) for (const operand of program[place - inputs.length].operands) needed.add(operand);
  }
  const lines = program.map(({ operation, operands, k }, i) => {
    const setting = operation.run.length > 2 ? [`setting ${k}`] : [];
    const given = [...operands.map((operand) => `r${operand}`), ...setting];
    return `r${inputs.length + i} = ${operation.name}(${given.join(", ")})`;
  });
  const values = inputs.map((x, i) => `r${i} = ${JSON.stringify(x.toArray())}`);
  return {
    program: lines.filter((_, i) => needed.has(inputs.length + i)).join("; "),
    inputs: values.filter((_, i) => needed.has(i)).join(", "),
  };
}
