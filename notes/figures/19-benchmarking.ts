import { Random } from "tensorgrad";
import { bootstrap } from "tensorgrad/benchmarking";
import { lineChart } from "tensorgrad/plots";

/** Times around 1, with noise of 3 %; one in twenty was disturbed. */
function times(count: number, random: Random): number[] {
  return Array.from(
    { length: count },
    () => (1 + 0.03 * random.normal()) * (random.uniform() < 0.05 ? 1 + random.uniform() : 1),
  );
}

/** How wide an interval is by the number of rounds, on average of some draws. */
function width(): string {
  const random = new Random(3);
  const points = [6, 12, 25, 50, 100, 200, 400].map((rounds) => {
    const widths = Array.from({ length: 20 }, () => {
      const { low, high } = bootstrap(times(rounds, random), { resamples: 200 });
      return high - low;
    });
    return [rounds, (100 * widths.reduce((sum, one) => sum + one, 0)) / widths.length] as const;
  });
  return lineChart([{ name: "width", points }], {
    title: "How sure after so many rounds",
    x: "rounds",
    y: "width of the interval (% of the median)",
    log: true,
    logX: true,
  });
}

export const figures = { width };
