import { Random } from "tensorgrad";
import { compareWindow, type Observation, referenceOf } from "tensorgrad/serving";
import { report } from "../../lib/measure.ts";

/** Note 21: how often drift tests cry wolf, and how soon they find a planted shift. Seeds are fixed. */

const FALSE_ALARMS = 0.01;
const WINDOW = 500;
const REFERENCE = 5000;
const GREATEST_DELAY = 5;

/** Eight numbers, correlated, skewed or rounded, two categories, and a prediction. */
function observation(random: Random): Record<string, number | string | null> {
  const common = random.normal();
  const numbers = Array.from({ length: 4 }, (_, i) => [`x${i}`, common + random.normal()] as const);
  return {
    ...Object.fromEntries(numbers),
    income: Math.exp(random.normal()),
    age: 18 + random.integer(60),
    wait: -Math.log(1 - random.uniform()),
    often0: random.uniform() < 0.7 ? 0 : random.uniform(),
    country: ["at", "at", "at", "de", "de", "ch"][random.integer(6)],
    device: random.uniform() < 0.97 ? "phone" : ["desk", "watch", "car"][random.integer(3)],
    prediction: String(random.integer(10)),
  };
}

const draw = (random: Random, count: number, change: (one: Observation) => Observation = (one) => one) =>
  Array.from({ length: count }, () => change(observation(random)));

function falseAlarms() {
  const random = new Random(21);
  const [references, windows] = [40, 100];
  let [alarms, tests, single] = [0, 0, 0];
  for (let i = 0; i < references; i++) {
    const reference = referenceOf(draw(random, REFERENCE));
    for (let j = 0; j < windows; j++) {
      const { drifted, features } = compareWindow(reference, draw(random, WINDOW), FALSE_ALARMS);
      const all = features.flatMap((feature) => feature.tests);
      tests = all.length;
      alarms += Number(drifted);
      single += Number(all.some(({ p }) => p < FALSE_ALARMS)); // each test at the window's level: no correction
    }
  }
  const count = references * windows;
  return { windows: count, tests, alarms, rate: alarms / count, uncorrected: single / count };
}

const planted: Readonly<Record<string, (random: Random) => (one: Observation) => Observation>> = {
  "a mean moves by 0.3 deviations": () => (one) => ({ ...one, x0: Number(one.x0) + 0.3 * Math.SQRT2 }),
  "a spread grows by 30 %": () => (one) => ({ ...one, x1: 1.3 * Number(one.x1) }),
  "numbers in another unit": () => (one) => ({ ...one, income: 0.7 * Number(one.income) }),
  "5 % are missing": (random) => (one) => ({
    ...one,
    wait: random.uniform() < 0.05 ? null : (one.wait ?? null),
  }),
  "a new category, 5 %": (random) => (one) => ({
    ...one,
    device: random.uniform() < 0.05 ? "glasses" : (one.device ?? null),
  }),
  "a category comes 10 points more often": (random) => (one) => ({
    ...one,
    country: random.uniform() < 0.15 ? "de" : (one.country ?? null),
  }),
  "a class is predicted twice as often": (random) => (one) => ({
    ...one,
    prediction: random.uniform() < 0.11 ? "3" : (one.prediction ?? null),
  }),
};

/** In how many of the runs a shift is found within five windows, and after how many on average. */
function delays() {
  const runs = 100;
  return Object.entries(planted).map(([shift, changeOf]) => {
    const random = new Random(22);
    const reference = referenceOf(draw(random, REFERENCE));
    const found = Array.from({ length: runs }, () => {
      for (let delay = 1; delay <= GREATEST_DELAY; delay++)
        if (compareWindow(reference, draw(random, WINDOW, changeOf(random)), FALSE_ALARMS).drifted)
          return delay;
      return null;
    });
    const delaysFound = found.filter((delay) => delay !== null);
    const mean = delaysFound.reduce((sum, delay) => sum + delay, 0) / delaysFound.length;
    return {
      shift,
      runs,
      found: delaysFound.length,
      mean,
      first: found.filter((delay) => delay === 1).length,
    };
  });
}

report({ falseAlarms: falseAlarms(), window: WINDOW, reference: REFERENCE, planted: delays() });
