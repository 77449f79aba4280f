import { differences, scope } from "tensorgrad";
import { unravel } from "./closeness.ts";
import { type Example, evaluate, gradients, moved } from "./evaluate.ts";

/** One entry ∂y[row] / ∂x[column], by backward and by finite differences. */
export interface Entry {
  /** Which input. */
  readonly input: number;
  /** Where in the input, where in the output: multi-indices. */
  readonly at: readonly number[];
  readonly output: readonly number[];
  readonly analytic: number;
  readonly numeric: number;
  readonly same: boolean;
}

/** Beyond this many entries a Jacobian takes too long to be worth it; the directions have already told. */
const LIMIT = 1024;

/** The full Jacobian, entry by entry; none of a function that has too many. */
export function entriesOf(example: Example, limit = LIMIT): Entry[] {
  using _ = scope();
  const { inputs } = example;
  const y = example.run(...inputs);
  const columns = inputs.reduce((sum, x) => sum + (x.isFloat ? x.size : 0), 0);
  if (columns * y.size > limit) return [];
  // Row i of the Jacobian: the gradient of the i-th output.
  const rows = Array.from({ length: y.size }, (_, i) => gradients(example, basis(y.size, i)));
  const entries: Entry[] = [];
  for (const [k, x] of inputs.entries()) {
    for (let j = 0; x.isFloat && j < x.size; j++) {
      const outputs = outputsAlong(example, k, j);
      for (let i = 0; i < y.size; i++) {
        const curve = (t: number) => ({ value: outputs(t).values[i], branch: outputs(t).branch });
        const analytic = rows[i][k][j];
        const { agrees: same, numeric } = differences.agrees(
          curve,
          analytic,
          4 * Number.EPSILON * Math.abs(analytic),
        );
        const place = { input: k, at: unravel(j, x.shape), output: unravel(i, y.shape) };
        entries.push({ ...place, analytic, numeric, same });
      }
    }
  }
  return entries;
}

/** All outputs as a function of one element; remembered, because every output asks for the same points. */
function outputsAlong({ inputs, run }: Example, input: number, element: number) {
  const u = inputs.map((x, k) =>
    k === input ? basis(x.size, element) : new Float64Array(x.isFloat ? x.size : 0),
  );
  const seen = new Map<number, { values: Float64Array; branch: number }>();
  return (t: number) => {
    const known = seen.get(t);
    if (known) return known;
    using _ = scope();
    const { y, branch } = evaluate(run, moved(inputs, u, t));
    const point = { values: Float64Array.from(y.data), branch };
    seen.set(t, point);
    return point;
  };
}

function basis(size: number, i: number): Float64Array {
  const e = new Float64Array(size);
  e[i] = 1;
  return e;
}
