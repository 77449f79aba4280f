import type { Exercise } from "../../exercise.ts";

export const exercise: Exercise = {
  id: "autograd-unbroadcast",
  title: "Broadcasting undone",
  kind: "derive",
  points: 10,
  part: "implementation",
  source: "tensorgrad/src/05-autograd/checked.ts",
  note: "01-tensor#the-rule",
  task: "A bias [2] is added to [3, 2]. The rule of the sum gives it a gradient of shape [3, 2]. Derive by hand: each element of the bias was used three times, so what is its gradient? Write `dx`: the gradient, brought to the shape of x. `stretchedDims(x.shape, gradient.shape)` lists the dims that were stretched. `same` says that there are none.",
  hints: [
    "An element that was used n times has n effects. What happens to effects?",
    "Gradients add up: sum over every dim that was stretched. See *The rule* in note 01.",
    "dx = Σ over stretched dims of the gradient, in the shape of x; [3, 2] → [1, 2] → [2]",
    "dx ← same ? gradient : gradient summed over the stretched dims, kept as 1, then reshaped to x.shape",
  ],
  mistakes: [
    {
      name: "sum over a stretched dim forgotten",
      wrong: `const dx = same
  ? gradient
  : stretchedDims(x.shape, gradient.shape)
      .reduce((part, dim) => part.narrow(dim, 0, 1), gradient)
      .reshape(x.shape);`,
      says: "Only the first use was counted. All uses of an element move the result.",
      fault: "broadcast: sum over a stretched dim forgotten",
    },
    {
      name: "mean over a stretched dim instead of its sum",
      wrong: `const dx = same
  ? gradient
  : gradient.mean(stretchedDims(x.shape, gradient.shape), { keepDim: true }).reshape(x.shape);`,
      says: "The bias learns too slowly by the size of the batch. Effects add up, they are not averaged.",
      fault: "broadcast: mean over a stretched dim instead of its sum",
    },
    {
      name: "only missing dims are summed",
      wrong: `const lead = gradient.rank - x.rank;
const dx =
  same || lead === 0
    ? gradient
    : gradient.sum(Array.from({ length: lead }, (_, i) => i)).reshape(x.shape);`,
      says: "A dim of size 1 was stretched, too. It stays, with size 1.",
    },
  ],
};
