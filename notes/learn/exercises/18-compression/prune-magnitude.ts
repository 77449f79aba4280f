import type { CodeExercise } from "../../exercise.ts";

const masks = (size: string, limit: string, stays: string) => `
  const sizes = group.flatMap(([, p]) => Array.from(p.data, (w) => ${size}));
  const count = Math.min(Math.round(sparsity * sizes.length), sizes.length - 1);
  const limit = Float64Array.from(sizes).sort()[${limit}];
  let ties = count - sizes.filter((one) => one < limit).length;
  return group.map(([path, p]) => {
    const stays = Uint8Array.from(p.data, (w) => {
      const size = ${size};
      return ${stays} ? 1 : 0;
    });
    return [path, fromArray(stays, p.shape)];
  });`;

const STAYS = "size > limit || (size === limit && ties-- <= 0)";

export const pruneMagnitude: CodeExercise = {
  id: "prune-magnitude",
  kind: "write",
  title: "Which weights stay",
  points: 25,
  part: "implementation",
  note: "18-compression#the-rule",
  source: "tensorgrad/src/18-compression/magnitude-prune.ts",
  task: `
All weights of a group compete: the round(sparsity·n) with the smallest magnitudes go. One always stays.
Of several that are equal to the limit, the first ones go, so that the count is exact.

\`group\` lists \`[path, parameter]\`; \`parameter.data\` holds its numbers. Return \`[path, mask]\` for each: \`fromArray\` of a \`Uint8Array\`
with 1 where a weight stays and 0 where it goes, in the parameter's shape.`,
  hints: [
    "Is −5 a small weight? And what happens when ten weights are equal and five of them have to go?",
    "Sort all magnitudes of the group. The limit is the smallest that stays; what is below goes, what is above stays, and equal ones are counted.",
    "count = min(round(sparsity·n), n − 1); limit = sorted[count]; ties = count − (how many are below the limit); the first `ties` equal ones go.",
    "collect magnitudes of all parameters; count, limit, ties; then for each parameter a mask: above the limit 1; equal to it 1 once `ties` have gone; else 0.",
  ],
  mistakes: [
    {
      name: "the sign counts",
      wrong: masks("w", "count", STAYS),
      says: "You compare the weights themselves. A large negative weight matters as much as a large positive one.",
    },
    {
      name: "the largest go",
      wrong: masks("Math.abs(w)", "count", `!(${STAYS})`),
      says: "The mask says what stays. Yours keeps the small weights.",
    },
    {
      name: "all that are equal to the limit go",
      wrong: masks("Math.abs(w)", "count - 1", "size > limit"),
      says: "More weights go than asked for, where several are equal. Count those at the limit.",
    },
    {
      name: "all that are equal to the limit stay",
      wrong: masks("Math.abs(w)", "count", "size >= limit"),
      says: "Fewer weights go than asked for, where several are equal. Count those at the limit.",
    },
  ],
};
