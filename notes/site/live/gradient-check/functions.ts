import { Function, noGrad, type Tensor } from "tensorgrad";
import type { Bug, Subject } from "./names.ts";

/** The functions, and the wrong rules that take the place of their derivatives. */

interface Rule {
  readonly run: (x: Tensor) => Tensor;
  /** The derivative, written with operations that have gradients themselves. */
  readonly slope: (x: Tensor, y: Tensor) => Tensor;
  /** A good first point. */
  readonly at: number;
}

export const SUBJECTS: Readonly<Record<Subject, Rule>> = {
  tanh: { run: (x) => x.tanh(), slope: (_, y) => y.square().neg().add(1), at: 0.7 },
  exp: { run: (x) => x.exp(), slope: (_, y) => y, at: 1 },
  cube: { run: (x) => x.pow(3), slope: (x) => x.square().mul(3), at: 1.3 },
  sigmoid: { run: (x) => x.sigmoid(), slope: (_, y) => y.mul(y.neg().add(1)), at: 0.5 },
  log: { run: (x) => x.log(), slope: (x) => x.reciprocal(), at: 2 },
  relu: { run: (x) => x.relu(), slope: (x) => x.gt(0).to(x.dtype), at: 0.01 },
};

type WrongRule = (g: Tensor, slope: Tensor, x: Tensor) => Tensor;
let calls = 0;

export const BUGS: Readonly<Record<Bug, WrongRule | null>> = {
  none: null,
  factor: (g, slope) => g.mul(slope).mul(1.01),
  tiny: (g, slope) => g.mul(slope).mul(1 + 1e-8),
  sign: (g, slope) => g.mul(slope).neg(),
  forgotten: (g) => g.mul(1),
  detached: (g, slope) => g.mul(slope.detach()),
  clipped: (g, slope) => g.clamp(-0.7, 0.7).mul(slope),
  unsteady: (g, slope) => g.mul(slope).mul(1 + 1e-3 * (calls++ % 2)),
  written: (g, slope, x) => {
    const result = g.mul(slope);
    x.assign(x.data.map((value) => value + 1e-9) as Float64Array);
    return result;
  },
};

/** A function with the right value and a planted derivative. */
export function planted(subject: Subject, bug: Bug): (x: Tensor) => Tensor {
  const { run, slope } = SUBJECTS[subject];
  const wrong = BUGS[bug];
  return wrong ? withRule(run, slope, wrong) : run;
}

function withRule(run: Rule["run"], slope: Rule["slope"], wrong: WrongRule): (x: Tensor) => Tensor {
  class Wrong extends Function {
    #x!: Tensor;
    forward(x: Tensor): Tensor {
      this.#x = x;
      return run(x);
    }
    backward(g: Tensor) {
      return [() => wrong(g, slope(this.#x, run(this.#x)), this.#x)];
    }
  }
  return (x) => new Wrong().apply(x);
}

/** The value alone. */
export const valueOf = (subject: Subject, x: Tensor): number => noGrad(() => SUBJECTS[subject].run(x).item());
