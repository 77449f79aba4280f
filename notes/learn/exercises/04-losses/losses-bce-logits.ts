import type { Exercise } from "../../exercise.ts";

const before = `  const names = ["reduction", "weight", "posWeight"] as const;
  const { weight, posWeight, reduction = "mean" } = checked("bceWithLogits", options, names);
  requireSameShape("bceWithLogits", x, y);
  requireProbabilities("bceWithLogits", "targets", y, "labels −1 and 1 become 0 and 1 by y.add(1).div(2)");
  for (const [name, given] of Object.entries({ weight, posWeight }))
    if (given !== undefined) requireWeight("bceWithLogits", { [name]: given }, "scores", x);
  [x, y] = [single(x), single(y)];`;
const after = `  const losses = missedNo.add(posWeight === undefined ? missedYes : missedYes.mul(posWeight));
  return reduceLoss("bceWithLogits", weight === undefined ? losses : losses.mul(weight), reduction);`;

export const exercise: Exercise = {
  id: "losses-bce-logits",
  title: "Find the bug: infinite surprise at a sure score",
  kind: "find",
  points: 20,
  part: "implementation",
  source: "tensorgrad/src/04-losses/binary-cross-entropy.ts",
  starts: "probabilities first",
  note: "04-losses#three-classic-bugs",
  task: "`bceWithLogits` measures the surprise of yes-or-no answers from scores. For a score of 1000 and the answer no it gives ∞; the right number is 1000. Some sure and right answers give NaN. Write both surprises, −ln σ(x) and −ln(1 − σ(x)), with softplus, by hand. Then find the lines and put them right. With `{ threshold: Infinity }` softplus is exact everywhere.",
  hints: [
    "What is σ(1000) in float32? What is the logarithm of 1 minus it?",
    "−ln σ(x) is ln(1 + e^(−x)): a softplus. So is the other surprise.",
    "loss = posWeight·y·softplus(−x) + (1 − y)·softplus(x)",
    "missedYes ← y · softplus(−x, exact); missedNo ← (1 − y) · softplus(x, exact); losses ← missedNo + posWeight · missedYes",
  ],
  mistakes: [
    {
      name: "probabilities first",
      wrong: `${before}
  const p = x.sigmoid();
  const missedYes = y.mul(p.log().neg());
  const missedNo = y.neg().add(1).mul(p.neg().add(1).log().neg());
${after}`,
      says: "A probability rounds to 0 or 1, and its logarithm is infinite. Never form it.",
    },
    {
      name: "yes and no swapped",
      wrong: `${before}
  const exact = { threshold: Infinity };
  const missedYes = y.mul(softplus(x, exact));
  const missedNo = y.neg().add(1).mul(softplus(x.neg(), exact));
${after}`,
      says: "A high score means yes. If the answer is yes, a high score must cost little.",
    },
    {
      name: "posWeight on both answers",
      wrong: `${before}
  const exact = { threshold: Infinity };
  const missedYes = y.mul(softplus(x.neg(), exact));
  const missedNo = y.neg().add(1).mul(softplus(x, exact));
  const losses = missedNo.add(missedYes).mul(posWeight ?? 1);
  return reduceLoss("bceWithLogits", weight === undefined ? losses : losses.mul(weight), reduction);`,
      says: "A missed no was weighted as well. posWeight is for the answer yes alone.",
      fault: "bceWithLogits: posWeight on both answers",
    },
  ],
};
