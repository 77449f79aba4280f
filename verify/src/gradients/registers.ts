/**
 * Random programs work on registers: each step reads one or two of those before and appends one. A step holds places in
 * lists, taken modulo their lengths: whatever is left after shrinking still is a program.
 */
export interface Step {
  readonly op: number;
  readonly a: number;
  readonly b: number;
  /** Chooses among dims, positions and other settings. */
  readonly k?: number;
}

/** What a step can do, in whatever registers hold. */
export interface Instruction<R> {
  readonly name: string;
  readonly operands: 1 | 2;
  readonly run: (a: R, b: R, k: number) => R;
}

/** A step with its operands resolved: places of registers. */
export interface Resolved<R> {
  readonly instruction: Instruction<R>;
  readonly operands: readonly number[];
  readonly k: number;
}

/** The instruction that a step means by its number, on these operands. */
export type Choice<R> = (op: number, a: R, b: R) => Instruction<R>;

export const oneOf =
  <R>(instructions: readonly Instruction<R>[]): Choice<R> =>
  (op) =>
    instructions[op % instructions.length];

/** All registers, inputs first; `visit` sees every step. */
export function runSteps<R>(
  steps: readonly Step[],
  inputs: readonly R[],
  choose: Choice<R>,
  visit: (step: Resolved<R>) => void = () => {},
): R[] {
  const registers = [...inputs];
  for (const { op, a, b, k = 0 } of steps) {
    const places = [a % registers.length, b % registers.length];
    const [x, y] = places.map((place) => registers[place]);
    const instruction = choose(op, x, y);
    visit({ instruction, operands: places.slice(0, instruction.operands), k });
    registers.push(instruction.run(x, y, k));
  }
  return registers;
}

/** The same for a program that need not run: its instructions take any operands. */
export const listed = <R>(steps: readonly Step[], inputs: number, instructions: readonly Instruction<R>[]) =>
  linesOf(
    steps.map(({ op, a, b, k = 0 }, i) => {
      const instruction = instructions[op % instructions.length];
      const places = [a % (inputs + i), b % (inputs + i)];
      return { instruction, operands: places.slice(0, instruction.operands), k };
    }),
    inputs,
  );

/** `r3 = tanh(r0)` for each step; registers r0, r1, … start with the inputs. */
export function linesOf<R>(program: readonly Resolved<R>[], inputs: number): string[] {
  return program.map(({ instruction: { name, run }, operands, k }, i) => {
    const setting = run.length > 2 ? [`setting ${k}`] : [];
    return `r${inputs + i} = ${name}(${[...operands.map((place) => `r${place}`), ...setting].join(", ")})`;
  });
}
