import type { Exercise } from "../../exercise.ts";

export const exercise: Exercise = {
  id: "tensor-extremum-backward",
  title: "The gradients of max(a, b) and min(a, b)",
  kind: "derive",
  points: 15,
  part: "implementation",
  source: "tensorgrad/src/01-tensor/ops/pointwise/arithmetic.ts",
  note: "01-tensor#the-rule",
  task: "Derive by hand: where does max(a, b) move if a moves a little, for a > b, a < b and a = b? At a tie each operand gets half of the gradient. Where an operand is NaN, both gradients are NaN: a finite number would hide it. Write the rule for both classes; `this.kernel` says which one it is. Use tensor operations: `gt`, `lt`, `eq`, and `mask.where(x, y)`, which takes x where the mask holds.",
  hints: [
    "If a is larger, what does b's gradient have to be?",
    "The winner gets g, the loser 0. A tie is neither: look at what `gt` and `lt` say of it.",
    "for max: da = g where a > b, 0 where a < b, g/2 where a = b, else NaN; db the other way round; for min the masks swap",
    "larger, smaller ← a > b, a < b; first, second ← these, swapped for min; tied ← where a = b: g/2, else NaN; da ← first ? g : second ? 0 : tied; db ← second ? g : first ? 0 : tied",
  ],
  mistakes: [
    {
      name: "all to the left",
      wrong: `    const none = g.mul(0);
    const all = g;
    return [all, none];`,
      says: "The first operand gets everything, whoever won.",
      fault: "maximum: all to the left",
    },
    {
      name: "both get everything at a tie",
      wrong: `    const [a, b] = [this.#a, this.#b];
    const [larger, smaller] = [a.ge(b), a.le(b)];
    const [first, second] = this.kernel === "maximum" ? [larger, smaller] : [smaller, larger];
    const nan = a.isNaN().logicalOr(b.isNaN());
    return [first, second].map((wins) => nan.where(NaN, wins.where(g, 0)));`,
      says: "At a tie the gradient is counted twice. The two shares must add up to g.",
    },
    {
      name: "min has the masks of max",
      wrong: `    const [larger, smaller] = [this.#a.gt(this.#b), this.#a.lt(this.#b)];
    const tied = this.#a.eq(this.#b).where(g.mul(0.5), NaN);
    const share = (wins: Tensor, loses: Tensor) => wins.where(g, loses.where(0, tied));
    return [() => share(larger, smaller), () => share(smaller, larger)];`,
      says: "For `minimum` the gradient goes to the larger operand. Only the smaller one moves the result.",
    },
    {
      name: "NaN gets a finite gradient",
      wrong: `    const [larger, smaller] = [this.#a.gt(this.#b), this.#a.lt(this.#b)];
    const [first, second] = this.kernel === "maximum" ? [larger, smaller] : [smaller, larger];
    const tied = g.mul(0.5);
    const share = (wins: Tensor, loses: Tensor) => wins.where(g, loses.where(0, tied));
    return [() => share(first, second), () => share(second, first)];`,
      says: "All comparisons with NaN are false. What is left over is not only the tie.",
    },
  ],
};
