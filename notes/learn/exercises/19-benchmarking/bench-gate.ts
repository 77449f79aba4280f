import type { CodeExercise } from "../../exercise.ts";

const change = (ratio: string, slower: string, faster: string) => `
  const rounds = Math.min(before.length, now.length);
  const ratio = ${ratio};
  const verdict = ${slower} ? "slower" : ${faster} ? "faster" : "same";
  return { name, ...ratio, verdict };`;

const PAIRED = "paired ? ratioOf(before.slice(0, rounds), now.slice(0, rounds)) : ratioApart(before, now)";

export const benchGate: CodeExercise = {
  id: "bench-gate",
  kind: "write",
  title: "Slower, faster, or the same",
  points: 25,
  part: "implementation",
  note: "19-benchmarking#the-rule",
  source: "tensorgrad/src/19-benchmarking/regression.ts",
  task: `
Judge one case of a benchmark from seconds per round, before and now. The ratio is before/now: below 1 the case has become slower.

If the rounds were taken in turns (\`paired\`), use \`ratioOf(before, now)\` on as many rounds as both have; else \`ratioApart(before, now)\`.
Both give \`{ ratio, low, high }\`, an interval for the true ratio. The case is "slower" if the whole interval lies below \`allowed\`,
"faster" if it lies above 1/\`allowed\`, else "same". Return \`{ name, ...ratio, verdict }\`.`,
  hints: [
    "The ratio is 0.9, and its interval goes from 0.7 to 1.1. Is the case slower?",
    "A verdict is about the interval, not about the estimate. Which end has to be below the limit, so that all of it is?",
    "slower: high < allowed; faster: low > 1/allowed; else the same.",
    "cut both lists to the shorter one; ratio by paired or apart; compare high with allowed and low with 1/allowed; return all of it.",
  ],
  mistakes: [
    {
      name: "the estimate judged, without its interval",
      wrong: change(PAIRED, "ratio.ratio < allowed", "ratio.ratio > 1 / allowed"),
      says: "Noise alone moves the estimate. Only an interval that lies below the limit as a whole says more.",
    },
    {
      name: "any difference counts",
      wrong: change(PAIRED, "ratio.high < 1", "ratio.low > 1"),
      says: "You compare with 1. With many cases, one in forty would be named by chance; `allowed` leaves room.",
    },
    {
      name: "the wrong end of the interval",
      wrong: change(PAIRED, "ratio.low < allowed", "ratio.high > 1 / allowed"),
      says: "One end beyond the limit is not enough. The whole interval has to be.",
    },
    {
      name: "pairs taken apart",
      wrong: change("ratioApart(before, now)", "ratio.high < allowed", "ratio.low > 1 / allowed"),
      says: "Rounds taken in turns share their disturbances. Round by round these cancel; between two medians they do not.",
    },
  ],
};
