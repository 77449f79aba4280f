import { differences } from "tensorgrad";
import { contracted, type Example, moved } from "./evaluate.ts";
import { entriesOf } from "./jacobian.ts";

/** The point itself and some around it: what happens to be a factor at one of them is none at all of them. */
const SHIFTS = [0, 0.37, -0.29, 0.71];
const SAME = 1e-5; // of two ratios
const NOTHING = 1e-12;
const EDGES = [1e-3, 1e-2, 0.1]; // how far from a point its kink is looked for

/** What the wrong entries of a Jacobian have in common, and so what is probably wrong; null where nothing is. */
export function diagnose(example: Example, names: readonly string[]): string | null {
  const points = SHIFTS.map((shift) =>
    unlessRefused(() => entriesOf({ ...example, inputs: shifted(example, shift) })),
  ).filter((entries) => entries !== null);
  const all = points.flat();
  const known = all.filter(({ analytic, numeric }) => Number.isFinite(analytic) && Number.isFinite(numeric));
  const wrong = known.filter(({ same }) => !same);
  if (wrong.length === 0) return null;
  const once = points.filter((entries) => entries.some(({ same }) => !same)).length === 1;
  const kink = once ? kinkOf(example, names) : null; // a wrong rule is wrong elsewhere, too
  if (kink !== null) return kink;
  const lost = wrong.filter(({ analytic }) => Math.abs(analytic) < NOTHING);
  const always = points[0].some((_, i) => points.every((entries) => lost.includes(entries[i])));
  const invented = wrong.some(({ numeric, analytic }) => Math.abs(numeric) < 1e-9 * Math.abs(analytic));
  const blamed = [...new Set(wrong.map(({ input }) => input))];
  const right = known.some((e) => e.same && blamed.includes(e.input) && Math.abs(e.numeric) > 1e-9);
  if (lost.length === wrong.length && !right)
    return `no gradient arrives at ${blamed.map((k) => names[k]).join(", ")}: a contribution is missing, null, or detached`;
  if (always && !invented)
    return "a sum is missing: some outputs that the input reaches are not counted (broadcast dims, or a term of every other element)";
  const [ratio, ...others] = wrong.map(({ analytic, numeric }) => analytic / numeric);
  return others.every((other) => Math.abs(other - ratio) <= SAME * Math.abs(ratio))
    ? factor(ratio, example)
    : "another operand: the ratio changes from entry to entry, so the rule reads other numbers than it should (a wrong input, the result in place of the input, swapped or transposed)";
}

function factor(ratio: number, { inputs, run }: Example): string {
  const is = (value: number) => Math.abs(ratio - value) <= SAME * Math.abs(value);
  const shapes = [...inputs, run(...inputs)].map(({ shape }) => shape);
  const counts = new Set(shapes.flatMap((shape) => [...shape, shape.reduce((a, b) => a * b, 1)]));
  const n = [...counts].find((n) => n > 1 && (is(1 / n) || is(n)));
  if (is(-1)) return "the sign: −1 times the slope";
  if (is(2)) return "a factor of 2: counted twice";
  if (is(0.5))
    return `a factor of 1/2: one of two uses is not counted${n ? ", or a mean over 2 in place of a sum" : ""}`;
  if (n !== undefined && is(1 / n)) return `a factor of 1/${n}: a mean in place of a sum over ${n}`;
  if (n !== undefined) return `a factor of ${n}: a sum in place of a mean over ${n}`;
  return `a factor: ${ratio.toPrecision(6)} times the slope`;
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
    inputs.map((x) => new Float64Array(x.isFloat ? x.size : 0).map((_, i) => 1 + 0.13 * (i % 7))),
    shift,
  );
