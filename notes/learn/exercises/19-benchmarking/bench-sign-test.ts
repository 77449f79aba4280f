import type { CodeExercise } from "../../exercise.ts";

const tail = (level: string, next: string, given: string) => `
  let [left, binomial, below] = [0, 1, 2 ** -n];
  while (below <= ${level}) {
    left++;
    ${next}
    below += binomial * 2 ** -n;
  }
  if (left === 0) throw new RangeError(\`ratioOf: \${n} rounds — an interval of 95 % needs 6 or more\`);
  return ${given};`;

const NEXT = "binomial *= (n - left + 1) / left;";

export const benchSignTest: CodeExercise = {
  id: "bench-sign-test",
  kind: "derive",
  title: "An interval without assumptions",
  points: 30,
  part: "implementation",
  note: "19-benchmarking#the-rule",
  source: "tensorgrad/src/19-benchmarking/statistics.ts",
  task: `
Each of n rounds gives a ratio. It lies below the true median with chance ½, whatever the distribution.
So fewer than k of the n ratios lie below the true median with chance \`Σ C(n, i)/2ⁿ\` over i from 0 to k − 1. Derive on paper for which k that is at most 2.5 %.

Return how many ratios to leave out at either end: the largest k with a chance of at most 0.025, minus 1. For n = 15 the 4th smallest and the
4th largest are the ends, so 3 are left out. If no k is possible, throw:
\`new RangeError(\\\`ratioOf: \${n} rounds — an interval of 95 % needs 6 or more\\\`)\`.`,
  hints: [
    "How probable is it that all of six ratios lie on one side of the true median?",
    "The number of ratios below the median is that of heads among n coins. Add up the chances of 0, 1, 2, … heads until they exceed 2.5 %.",
    "C(n, 0) = 1; C(n, i) = C(n, i − 1)·(n − i + 1)/i; k grows while Σ_{i<k+1} C(n, i)/2ⁿ ≤ 0.025.",
    "k = 0; sum = 2⁻ⁿ; while sum ≤ 0.025: k + 1, next binomial, add it times 2⁻ⁿ; k = 0: throw; return k − 1.",
  ],
  mistakes: [
    {
      name: "5 % at either end",
      wrong: tail("0.05", NEXT, "left - 1"),
      says: "Both ends together may miss in 5 of 100 cases. Each of them has half of that.",
    },
    {
      name: "one ratio too many left out",
      wrong: tail("0.025", NEXT, "left"),
      says: "The k-th smallest is the end itself. Only the ones before it are left out.",
    },
    {
      name: "binomials that are not divided",
      wrong: tail("0.025", "binomial *= n - left + 1;", "left - 1"),
      says: "C(n, i) is C(n, i − 1) times n − i + 1, divided by i. Without the division order counts.",
    },
  ],
};
