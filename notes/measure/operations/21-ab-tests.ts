import { Random } from "tensorgrad";
import { Evidence, proportionTest } from "tensorgrad/serving";
import { report } from "../../lib/measure.ts";

/**
 * Note 21: how often a test that is looked at after every batch decides between equals, beside the ordinary test, and how often
 * it finds two points. Seeds are fixed.
 */

const ALPHA = 0.05;
const MOST = 20_000;
const BATCH = 100;

/** One test, looked at after every batch: when each way of deciding would have stopped; null where it did not. */
function run(random: Random, control: number, effect: number, share = 0.5) {
  const [better, worse] = [new Evidence(0.02, 1), new Evidence(0.02, -1)];
  const arms = [
    { count: 0, sum: 0 },
    { count: 0, sum: 0 },
  ];
  let [sequential, peeking]: (number | null)[] = [null, null];
  for (let n = 1; n <= MOST; n++) {
    const inCandidate = random.uniform() < share;
    const outcome = random.uniform() < (inCandidate ? control + effect : control) ? 1 : 0;
    better.add(outcome, inCandidate, share);
    worse.add(outcome, inCandidate, share);
    arms[Number(inCandidate)].count++;
    arms[Number(inCandidate)].sum += outcome;
    if (n % BATCH > 0) continue;
    if (better.value >= 2 / ALPHA || worse.value >= 2 / ALPHA) sequential ??= n;
    if (proportionTest(arms[0], arms[1]).p < ALPHA) peeking ??= n;
  }
  return { sequential, peeking, once: proportionTest(arms[0], arms[1]).p < ALPHA };
}

const rate = (values: readonly boolean[]): number => values.filter(Boolean).length / values.length;

function equals() {
  const random = new Random(23);
  const runs = 2000;
  const all = Array.from({ length: runs }, () => run(random, 0.1, 0));
  // After how many looks the ordinary test had been wrong at least once.
  const looks = [1, 2, 5, 10, 20, 50, 100, 200];
  const until = looks.map((count) => ({
    looks: count,
    fixed: rate(all.map(({ peeking }) => peeking !== null && peeking <= count * BATCH)),
    sequential: rate(all.map(({ sequential }) => sequential !== null && sequential <= count * BATCH)),
  }));
  return {
    runs,
    exposures: MOST,
    batch: BATCH,
    sequential: rate(all.map(({ sequential }) => sequential !== null)),
    sequentialCount: all.filter(({ sequential }) => sequential !== null).length,
    peeking: rate(all.map(({ peeking }) => peeking !== null)),
    once: rate(all.map(({ once }) => once)),
    until,
  };
}

/** How often two points are found, and after how many outcomes at the median. */
function power() {
  const runs = 500;
  const cases = [0.05, 0.1, 0.2, 0.5, 0.8].map((control) => ({ control, share: 0.5 }));
  return [...cases, { control: 0.1, share: 0.1 }].map(({ control, share }) => {
    const random = new Random(24);
    const all = Array.from({ length: runs }, () => run(random, control, 0.02, share));
    const ends = all.map(({ sequential }) => sequential ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b);
    const median = ends[runs >> 1];
    return {
      ...{ control, share, runs, power: rate(all.map(({ sequential }) => sequential !== null)) },
      median: Number.isFinite(median) ? median : null,
      once: rate(all.map(({ once }) => once)),
    };
  });
}

report({ equals: equals(), power: power() });
