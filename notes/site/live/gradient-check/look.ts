import { differences, Random, scope, tensor } from "tensorgrad";
import { emptyTally, examine } from "../../../../verify/src/gradients/examine.ts";
import { BUGS, planted, valueOf } from "./functions.ts";
import type { Bug, Subject } from "./names.ts";

/** What finite differences say about a derivative at one point, for every size of the step. */
export interface Look {
  /** By backward, with the bug in it; in float64. */
  readonly backward: number;
  /** Central differences: a step, the slope in both precisions. */
  readonly points: readonly { readonly h: number; readonly float32: number; readonly float64: number }[];
  readonly table: RiddersTable;
}

export interface RiddersTable {
  readonly steps: readonly number[];
  readonly rows: readonly (readonly number[])[];
  readonly value: number;
  readonly error: number;
  readonly noise: number;
  /** No step keeps both ends on one side of a kink, or in the domain. */
  readonly kink: boolean;
  readonly agrees: boolean;
}

export type DType = "float32" | "float64";

/** Exponents of ten, in quarters. */
export const [SMALLEST, LARGEST, QUARTER] = [-16, 0, 0.25];

/** [f(x + h) − f(x − h)] / 2h, computed in one precision from end to end. */
export function central(subject: Subject, x: number, h: number, dtype: DType): number {
  using _ = scope();
  const round = dtype === "float32" ? Math.fround : (value: number) => value;
  const at = (value: number) => valueOf(subject, tensor(value, { dtype }));
  const [left, right] = [round(round(x) - round(h)), round(round(x) + round(h))];
  return round(round(at(right) - at(left)) / round(2 * h));
}

export function look(subject: Subject, x: number, bug: Bug): Look {
  const exponents = Array.from(
    { length: (LARGEST - SMALLEST) / QUARTER + 1 },
    (_, i) => SMALLEST + i * QUARTER,
  );
  const points = exponents.map((exponent) => {
    const h = 10 ** exponent;
    return { h, float32: central(subject, x, h, "float32"), float64: central(subject, x, h, "float64") };
  });
  const backward = gradientAt(subject, x, bug);
  return { backward, points, table: tableOf(subject, x, backward) };
}

export function gradientAt(subject: Subject, x: number, bug: Bug): number {
  using _ = scope();
  const leaf = tensor([x], { dtype: "float64", requiresGrad: true });
  planted(subject, bug)(leaf).sum().backward();
  return leaf.grad?.item() ?? 0;
}

function tableOf(subject: Subject, x: number, backward: number): RiddersTable {
  const steps: number[] = [];
  const rows: number[][] = [];
  const curve = (t: number): differences.Sample => {
    using _ = scope();
    const branch = subject === "relu" ? Number(x + t > 0) : 0;
    return { value: valueOf(subject, tensor(x + t, { dtype: "float64" })), branch };
  };
  const onRow = (row: readonly number[], step: number) => {
    steps.push(step);
    rows.push([...row]);
  };
  const { value, error, noise, step } = differences.derivative(curve, { onRow });
  const { agrees } = differences.agrees(curve, backward);
  return { steps, rows, value, error, noise, kink: step === 0, agrees };
}

/** Who notices a planted bug. */
export interface Verdict {
  readonly bug: Bug;
  /** One number, float32, h = 10⁻³, and 1 % of difference allowed: how many a hand-written check looks. */
  readonly byHand: boolean;
  /** float64, h = 10⁻⁶, and 10⁻³ allowed: the usual `gradcheck`. */
  readonly gradcheck: boolean;
  /** Of `seeds` examinations by `verify`, how many found something. */
  readonly caught: number;
  readonly seeds: number;
  /** The property that was broken first, and what it says. */
  readonly law: string | null;
  readonly message: string;
}

const SEEDS = 5;

export function judge(subject: Subject, bug: Bug): Verdict {
  using _ = scope();
  const at = subject === "log" ? 1.5 : 0.7;
  const found = Array.from({ length: SEEDS }, (_, i) => examined(subject, bug, i + 1)).filter(
    (one) => one !== null,
  );
  const first = found[0];
  const backward = gradientAt(subject, at, bug);
  const far = (difference: number, allowed: number) =>
    Math.abs(difference - backward) > allowed * Math.abs(difference);
  return {
    bug,
    byHand: far(central(subject, at, 1e-3, "float32"), 1e-2),
    gradcheck: far(central(subject, at, 1e-6, "float64"), 1e-3),
    caught: found.length,
    seeds: SEEDS,
    law: first?.law ?? null,
    message:
      first?.message ?? (first ? `backward says ${first.analytic}, differences say ${first.numeric}` : ""),
  };
}

/** One examination of six numbers, away from the kink and inside the domain. */
function examined(subject: Subject, bug: Bug, seed: number) {
  using _ = scope();
  const random = new Random(seed);
  const numbers = Array.from({ length: 6 }, () => 0.4 + random.uniform());
  const x = tensor(subject === "log" ? numbers : numbers.map((n, i) => (i % 2 ? n : -n)), {
    dtype: "float64",
  });
  const run = planted(subject, bug);
  const order = subject === "relu" ? 1 : 2;
  return examine(
    { inputs: [x.reshape(2, 3)], run: (input) => run(input) },
    { order, directions: 4, seed },
    emptyTally(),
  );
}

export const judgeAll = (subject: Subject): Verdict[] =>
  (Object.keys(BUGS) as Bug[]).map((bug) => judge(subject, bug));
