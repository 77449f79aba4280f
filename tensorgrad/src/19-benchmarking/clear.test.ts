import { Random } from "tensorgrad";
import { compareReports, machine, type Pair, roundsUntilClear } from "tensorgrad/benchmarking";
import { describe, expect, it } from "vitest";

/** Rounds as a busy machine gives them: noise of `noise` for each side, and every fifth disturbed; `now` takes `factor` as long. */
function noisy(seed: number, factor: number, noise: number): (round: number) => Pair {
  const random = new Random(seed);
  const time = () =>
    Math.max(0.1, 1 + noise * random.normal()) * (random.uniform() < 0.2 ? 1 + random.uniform() : 1);
  return () => [time(), factor * time()];
}

const verdict = async (take: (round: number) => Pair) => {
  const found = await roundsUntilClear(take);
  if (!found) throw new Error("there were rounds");
  const [base, now] = [found.base, found.now].map((seconds) => ({
    ...{ run: "one", machine: machine(1), cases: { work: seconds } },
  }));
  return { rounds: found.now.length, verdict: compareReports(base, now).changes[0].verdict };
};

describe("roundsUntilClear", () => {
  it("finds every slowdown of 10 % in noise of 8 %, and none where there is none", async () => {
    for (let seed = 0; seed < 60; seed++) {
      expect((await verdict(noisy(seed, 1.1, 0.08))).verdict, `seed ${seed}`).toBe("slower");
      expect((await verdict(noisy(seed, 1, 0.08))).verdict, `seed ${seed}`).not.toBe("slower");
    }
  });

  it("takes no more rounds than it needs", async () => {
    expect((await verdict(noisy(1, 1, 0.001))).rounds).toBe(25);
    expect((await verdict(noisy(1, 1, 0.1))).rounds).toBeGreaterThan(25);
    expect((await verdict(noisy(1, 1 / 0.97, 0.1))).rounds).toBe(400);
  });

  it("measures anew what seems slower: a spell that hits one side alone is forgotten", async () => {
    let rounds = 0;
    const found = await roundsUntilClear(() => (rounds++ < 25 ? [1, 2] : [1, 1]));
    expect(rounds).toBe(50);
    expect(found?.now).toEqual(new Array(25).fill(1));
  });

  it("ends where a side cannot be measured", async () => {
    expect(await roundsUntilClear((round) => (round < 3 ? [1, 1] : null))).toBeNull();
  });

  it("refuses counts and rounds that mean nothing", async () => {
    const take = (): Pair => [1, 1];
    await expect(roundsUntilClear(take, { rounds: 3 })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[RangeError: roundsUntilClear: rounds = 3, most = 400 — integers, at least 8, and most no less than rounds]`,
    );
    await expect(roundsUntilClear(take, { rounds: 20, most: 10 })).rejects.toThrow(/most = 10/);
    await expect(roundsUntilClear(() => [1, 0])).rejects.toThrowErrorMatchingInlineSnapshot(
      `[TypeError: roundsUntilClear: take(round) [1, 0] — expected two times above 0, [base, now]]`,
    );
    await expect(roundsUntilClear(null as never)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[TypeError: roundsUntilClear: take null — expected a function of the round]`,
    );
  });
});
