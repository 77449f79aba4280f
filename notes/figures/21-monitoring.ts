import { lineChart } from "tensorgrad/plots";
import { readLog } from "../lib/logs.ts";

interface Tests {
  readonly equals: {
    readonly until: readonly {
      readonly looks: number;
      readonly fixed: number;
      readonly sequential: number;
    }[];
  };
}

/** How often a test between equals has decided, by the number of looks. */
function peeking(): string {
  const { until } = readLog<Tests>("21-ab-tests").equals;
  const points = (key: "fixed" | "sequential") => until.map((one) => [one.looks, 100 * one[key]] as const);
  return lineChart(
    [
      { name: "p < 0.05 at any look", points: points("fixed") },
      { name: "evidence ≥ 40", points: points("sequential") },
    ],
    { title: "Equals declared different", x: "looks", y: "of 2,000 tests (%)", logX: true },
  );
}

export const figures = { peeking };
