import type { Exercise } from "../../exercise.ts";

const before = `  const { delta = 1, reduction = "mean" } = checked("huber", options, ["reduction", "delta"]);
  requireSameShape("huber", x, y);
  if (!(delta > 0)) throw new RangeError(\`huber: delta = \${delta} — a positive number\`);
  const d = single(x).sub(y).asFloat();`;

export const exercise: Exercise = {
  id: "losses-huber",
  title: "Huber's loss",
  kind: "write",
  points: 15,
  part: "implementation",
  source: "tensorgrad/src/04-losses/huber.ts",
  note: "04-losses#a-picture",
  task: "With d = x − y, the loss of an element is d²/2 where |d| ≤ δ, else δ·(|d| − δ/2). Show by hand that both pieces meet at δ, in value and in slope. With c, which is d held within ±δ, both are c·(d − c/2). Write `huber`: refuse different shapes with `requireSameShape`, and a delta that is not positive with a `RangeError`. Reduce with `reduceLoss`.",
  hints: [
    "What is the slope of d²/2 at δ? Which line continues it?",
    "A parabola near 0, a straight line beyond δ. One formula serves both: see the docstring.",
    "loss = c·(d − c/2) with c = min(max(d, −δ), δ)",
    'd ← x − y; c ← d.clamp(−delta, delta); return reduceLoss("huber", c · (d − c/2), reduction)',
  ],
  mistakes: [
    {
      name: "the half is missing",
      wrong: `${before}
  const c = d.clamp(-delta, delta);
  return reduceLoss("huber", c.mul(d.mul(2).sub(c)), reduction);`,
      says: "Every loss is twice what it should be. The parabola is d²/2.",
    },
    {
      name: "the line does not meet the parabola",
      wrong: `${before}
  const near = d.abs().le(delta);
  return reduceLoss("huber", near.where(d.square().mul(0.5), d.abs().mul(delta)), reduction);`,
      says: "At δ the loss jumps from δ²/2 to δ². The line lies lower by as much.",
    },
    {
      name: "delta forgotten",
      wrong: `${before}
  const losses = d.square().mul(0.5);
  return reduceLoss("huber", losses, reduction);`,
      says: "This is a squared error everywhere. An outlier must not pull harder than δ.",
      fault: "huber: delta forgotten",
    },
    {
      name: "always the mean",
      wrong: `${before}
  const c = d.clamp(-delta, delta);
  return reduceLoss("huber", c.mul(d.sub(c.mul(0.5))), reduction && "mean");`,
      says: "The option `reduction` was not passed on. There is also the sum, and no reduction at all.",
    },
  ],
};
