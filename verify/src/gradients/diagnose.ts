import { differences } from "tensorgrad";
import { contracted, type Example, moved } from "./evaluate.ts";
import { type Entry, entriesOf } from "./jacobian.ts";

/** The point itself and some around it: what happens to be a factor at one of them is none at all of them. */
const SHIFTS = [0, 0.37, -0.29, 0.71, -1.13, 1.91];
const SAME = 1e-5; // of two ratios
const NOTHING = 1e-12;
const EDGES = [1e-3, 1e-2, 0.1]; // how far from a point its kink is looked for
/** Entries of a Jacobian that are looked at, of an example that is small already. */
const ENTRIES = 2048;
const MANY = 256; // entries: then one other point has to do

/** What the wrong entries of a Jacobian have in common, and so what is probably wrong; null where nothing is. */
export function diagnose(example: Example, names: readonly string[]): string | null {
  const at = (shift: number) =>
    unlessRefused(() => entriesOf({ ...example, inputs: shifted(example, shift) }, ENTRIES).filter(isKnown));
  const here = at(SHIFTS[0]);
  const around = SHIFTS.slice(1, (here?.length ?? 0) > MANY ? 2 : undefined).map(at);
  const points = [here, ...around].filter((entries) => entries !== null);
  const wrong = points.flat().filter(({ same }) => !same);
  if (wrong.length === 0) return null;
  const once = points.filter((entries) => entries.some(({ same }) => !same)).length === 1;
  const kink = once ? kinkOf(example, names) : null; // a wrong rule is wrong elsewhere, too
  return (
    kink ?? lost(points, wrong, names) ?? leaked(wrong, example) ?? factor(points, example) ?? operand(points)
  );
}

const isKnown = ({ analytic, numeric }: Entry) => Number.isFinite(analytic) && Number.isFinite(numeric);
const arrives = ({ analytic }: Entry) => Math.abs(analytic) >= NOTHING;

/** Entries that are zero by backward alone. */
function lost(points: readonly Entry[][], wrong: readonly Entry[], names: readonly string[]): string | null {
  const blamed = inputsOf(wrong);
  const right = points.flat().some((e) => e.same && blamed.includes(e.input) && Math.abs(e.numeric) > 1e-9);
  const none = !wrong.some(arrives);
  if (none && !right)
    return `no gradient arrives at ${blamed.map((k) => names[k]).join(", ")}: a contribution is missing, null, detached, or put in the wrong place`;
  const always = points[0].some((_, i) =>
    points.every((entries) => entries[i] && !entries[i].same && !arrives(entries[i])),
  );
  if (always && !wrong.some(isFlat))
    return "a sum is missing: some outputs that the input reaches are not counted (broadcast dims, or a term of every other element)";
  return none
    ? "a contribution is missing: the gradient is 0 at some elements whose slope is not 0 (a branch, a mask, or an index)"
    : null;
}

const inputsOf = (wrong: readonly Entry[]): number[] => [...new Set(wrong.map(({ input }) => input))];

const isFlat = ({ numeric, analytic }: Entry) =>
  Math.abs(numeric) < 1e-9 * Math.max(1, Math.abs(analytic)) && Math.abs(analytic) > 1e-9;

/** Entries that are zero by differences alone. */
function leaked(wrong: readonly Entry[], example: Example): string | null {
  if (!wrong.every(isFlat)) return null;
  return isConstantIn(inputsOf(wrong), example)
    ? "a sum is missing: the result does not depend on this input, so the terms of its gradient have to cancel (a normalisation's sum over the elements)"
    : "a gradient where the slope is 0: a mask or a condition is missing, or the gradient is put in the wrong place";
}

/** Whether these inputs may move, and the result stays what it is: a softmax of one number is 1. Zeros may be masked. */
function isConstantIn(moving: readonly number[], example: Example): boolean {
  const results = SHIFTS.map((shift) => {
    const all = shifted(example, shift);
    return unlessRefused(() =>
      Array.from(
        example.run(...example.inputs.map((x, k) => (moving.includes(k) ? all[k] : x))).data,
        Number,
      ),
    );
  }).filter((data) => data !== null);
  const near = (a: number, b: number) => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a));
  return (
    results[0].some((n) => n !== 0) && results.every((data) => data.every((n, i) => near(n, results[0][i])))
  );
}

/** One ratio at all wrong entries; where only one point shows it, only a ratio that has a name. */
function factor(points: readonly Entry[][], { inputs, run }: Example): string | null {
  const shown = points
    .map((entries) => entries.filter(({ same }) => !same))
    .filter(({ length }) => length > 0);
  const wrong = shown.flat();
  const [ratio, ...others] = wrong.map(({ analytic, numeric }) => analytic / numeric);
  if (!Number.isFinite(ratio) || !others.every((other) => Math.abs(other - ratio) <= SAME * Math.abs(ratio)))
    return null;
  const is = (value: number) => Math.abs(ratio - value) <= SAME * Math.abs(value);
  const shapes = [...inputs, run(...inputs)].map(({ shape }) => shape);
  const counts = new Set(shapes.flatMap((shape) => [...shape, shape.reduce((a, b) => a * b, 1)]));
  const n = [...counts].find((n) => n > 1 && (is(1 / n) || is(n)));
  if (is(-1)) return "the sign: −1 times the slope";
  if (is(2)) return `a factor of 2: counted twice${n ? ", or a sum in place of a mean over 2" : ""}`;
  if (is(0.5))
    return `a factor of 1/2: one of two uses is not counted${n ? ", or a mean over 2 in place of a sum" : ""}`;
  if (n !== undefined && is(1 / n)) return `a factor of 1/${n}: a mean in place of a sum over ${n}`;
  if (n !== undefined) return `a factor of ${n}: a sum in place of a mean over ${n}`;
  return shown.length > 1 ? `a factor: ${inDigits(ratio)} times the slope` : null;
}

/** 1.41421, and 1 + 1.0e-9 of what six digits would show as 1. */
function inDigits(ratio: number): string {
  const off = ratio - 1;
  return Math.abs(off) < 1e-4
    ? `1 ${off < 0 ? "−" : "+"} ${Math.abs(off).toExponential(1)}`
    : ratio.toPrecision(6);
}

/** The ratio changes from entry to entry; where both sides are the same numbers, they only stand elsewhere. */
function operand(points: readonly Entry[][]): string {
  return points.every(isPermuted)
    ? "another operand, or another place: the right numbers at the wrong elements (inputs swapped, a transposition missing, indices off by one)"
    : "another operand: the ratio changes from entry to entry, so the rule reads other numbers than it should (a wrong input, the result in place of the input, swapped or transposed)";
}

function isPermuted(entries: readonly Entry[]): boolean {
  const ordered = (side: "analytic" | "numeric") => entries.map((e) => e[side]).sort((a, b) => a - b);
  const numeric = ordered("numeric");
  return ordered("analytic").every((n, i) => Math.abs(n - numeric[i]) <= SAME * Math.max(1, Math.abs(n)));
}

/** `kink at x[2] = 0: …`, if nudging one element shows two slopes with the gradient between them. */
export function kinkOf(example: Example, names: readonly string[]): string | null {
  for (const [k, x] of example.inputs.entries()) {
    for (let i = 0; x.isFloat && i < x.size; i++) {
      const u = example.inputs.map((one, at) =>
        new Float64Array(one.isFloat ? one.size : 0).map((_, j) => +(at === k && j === i)),
      );
      const curve = (t: number) => contracted(example.run, moved(example.inputs, u, t), ones(example)).value;
      const near = (edge: number) => unlessRefused(() => differences.cornerNear(curve, edge));
      const at = EDGES.map(near).find((t) => t !== null);
      if (at === undefined || at === null) continue;
      const where = Number((x.data[i] + at).toFixed(3)) + 0;
      const point = x.size > 1 ? `${names[k]}[${i}]` : names[k];
      return `kink at ${point} = ${where}: define signature() or draw from awayFrom(${where})`;
    }
  }
  return null;
}

/** What is outside of the domain may be refused: then it tells nothing. */
function unlessRefused<T>(look: () => T): T | null {
  try {
    return look();
  } catch {
    return null;
  }
}

const ones = ({ inputs, run }: Example): Float64Array => new Float64Array(run(...inputs).size).fill(1);

const shifted = ({ inputs }: Example, shift: number) =>
  moved(
    inputs,
    inputs.map((x, k) =>
      new Float64Array(x.isFloat ? x.size : 0).map((_, i) => 1 + 0.13 * (i % 7) + 0.31 * k),
    ),
    shift,
  );
