import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Random } from "../../00-runtime/index.ts";
import { ABTest } from "./ab-test.ts";
import { armAt, positionOf } from "./assign.ts";
import { Evidence } from "./evidence.ts";
import { proportionTest } from "./fixed-test.ts";
import { differenceInterval } from "./interval.ts";

/** One test on simulated users: the verdict and when. Users are a hash; only the outcomes are drawn. */
function simulate(random: Random, { control = 0.1, effect = 0, share = 0.5, most = 20_000 }) {
  const test = new ABTest({ name: `test ${random.bits()}`, share, maxExposures: most });
  for (let user = 0; test.decision === null; user++) {
    const unit = String(user);
    const rate = test.assign(unit) === "candidate" ? control + effect : control;
    test.record(unit, random.uniform() < rate ? 1 : 0);
  }
  return test.decision;
}

describe("positionOf", () => {
  it("divides units evenly, the same way each time, and another way for another experiment", () => {
    const units = Array.from({ length: 10_000 }, (_, i) => `user-${i}`);
    const shares = units.map((unit) => positionOf("a", unit));
    expect(shares).toEqual(units.map((unit) => positionOf("a", unit)));
    const inA = units.filter((_, i) => shares[i] < 0.3);
    expect(Math.abs(inA.length - 3000)).toBeLessThan(4 * Math.sqrt(10_000 * 0.3 * 0.7));
    const inBoth = inA.filter((unit) => positionOf("b", unit) < 0.3).length;
    expect(Math.abs(inBoth / inA.length - 0.3)).toBeLessThan(4 * Math.sqrt(0.21 / inA.length));
    expect(positionOf("a", "bc")).not.toBe(positionOf("ab", "c"));
  });

  it("keeps who is in when the share grows", () => {
    fc.assert(
      fc.property(fc.string(), fc.double({ min: 0, max: 0.5, noNaN: true }), (unit, share) => {
        const position = positionOf("a", unit);
        if (armAt(position, share) === "candidate") expect(armAt(position, 2 * share)).toBe("candidate");
      }),
    );
  });
});

describe("Evidence", () => {
  it("is a fair game: the next factor is 1 on average, whatever came before, for any mean and any share", () => {
    const outcomes = fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.boolean()), {
      maxLength: 40,
    });
    const unit = fc.double({ min: 0.01, max: 0.99, noNaN: true });
    fc.assert(
      fc.property(
        outcomes,
        unit,
        unit,
        fc.constantFrom(1 as const, -1 as const),
        (past, theta, share, sign) => {
          const after = (outcome: number, fromCandidate: boolean) => {
            const evidence = new Evidence(0.05, sign);
            for (const [y, arm] of past) evidence.add(y, arm, share);
            const before = evidence.value;
            evidence.add(outcome, fromCandidate, share);
            expect(evidence.value).toBeGreaterThan(0);
            return evidence.value / before;
          };
          const expected =
            share * (theta * after(1, true) + (1 - theta) * after(0, true)) +
            (1 - share) * (theta * after(1, false) + (1 - theta) * after(0, false));
          expect(expected).toBeCloseTo(1, 9);
        },
      ),
    );
  });

  it("is, for one bet and outcomes 0 and 1, the likelihood ratio", () => {
    const evidence = new Evidence(0.1, 1);
    evidence.add(1, true, 0.5); // the mean before the first outcome is ½: candidate ½ + δ/2, control ½ − δ/2
    const bets = [0.05, 0.075, 0.1, 0.15, 0.25, 0.5];
    const stakes = [0.1, 0.2, 0.3, 0.2, 0.1, 0.1];
    const expected = bets.reduce((sum, effect, i) => sum + stakes[i] * ((0.5 + effect / 2) / 0.5), 0);
    expect(evidence.value).toBeCloseTo(expected, 12);
  });
});

describe("ABTest", () => {
  it("seldom decides between equals, though it looks after every outcome; the ordinary test often does", () => {
    const random = new Random(1);
    const runs = 200;
    let [decided, fixed] = [0, 0];
    for (let run = 0; run < runs; run++) {
      const evidence = ([1, -1] as const).map((sign) => new Evidence(0.02, sign));
      const [a, b] = [
        { count: 0, sum: 0 },
        { count: 0, sum: 0 },
      ];
      let [mine, theirs] = [false, false];
      for (let i = 1; i <= 5000; i++) {
        const inB = random.uniform() < 0.5;
        const outcome = random.uniform() < 0.1 ? 1 : 0;
        for (const one of evidence) one.add(outcome, inB, 0.5);
        const arm = inB ? b : a;
        arm.count++;
        arm.sum += outcome;
        mine ||= evidence.some(({ value }) => value >= 40);
        theirs ||= i % 100 === 0 && proportionTest(a, b).p < 0.05;
      }
      decided += Number(mine);
      fixed += Number(theirs);
    }
    expect(decided).toBeLessThanOrEqual(17); // 5 % of 200, and more than that in one of 50 series at exactly 5 %
    expect(fixed).toBeGreaterThan(40); // looked at 50 times
  });

  it("finds two points more, and two points less, in most of 20 tests within 20,000 outcomes", () => {
    const random = new Random(2);
    const verdicts = (effect: number, control: number) =>
      Array.from({ length: 20 }, () => simulate(random, { effect, control }).verdict);
    expect(verdicts(0.02, 0.1).filter((verdict) => verdict === "better").length).toBeGreaterThanOrEqual(15);
    expect(verdicts(-0.02, 0.12).filter((verdict) => verdict === "worse").length).toBeGreaterThanOrEqual(15);
  });

  it("takes a bad canary out of use with few outcomes, by its guard, and says so once", () => {
    const random = new Random(3);
    const decisions: unknown[] = [];
    const test = new ABTest({
      ...{ name: "canary", share: 0.1, guards: ["ok"], effect: 0.05 },
      onDecision: (decision) => void decisions.push(decision),
    });
    for (let user = 0; user < 5000; user++) {
      const broken = test.assign(`${user}`) === "candidate" && random.uniform() < 0.3;
      test.record(`${user}`, { success: random.uniform() < 0.5 ? 1 : 0, ok: broken ? 0 : 1 });
    }
    expect(decisions).toEqual([test.decision]);
    expect(test.decision).toMatchObject({ verdict: "worse", reason: "ok is worse" });
    expect(test.decision?.exposures).toBeLessThan(600);
    const arms = new Set(Array.from({ length: 200 }, (_, i) => test.assign(`later ${i}`)));
    expect([...arms]).toEqual(["control"]);
  });

  it("counts a unit once, ends undecided after the most outcomes, and gives everyone the winner", () => {
    const test = new ABTest({ name: "n", maxExposures: 3 });
    for (const unit of ["a", "a", "b"]) test.record(unit, 1);
    expect(test.state()).toMatchObject({ repeated: 1, decision: null });
    expect(test.record("c", 0)).toEqual({
      verdict: "no difference",
      reason: "undecided after 3 outcomes",
      exposures: 3,
    });
    expect(test.record("d", 0)).toEqual(test.decision);
    const won = new ABTest({ name: "w", effect: 0.5 });
    for (let i = 0; won.decision === null; i++)
      won.record(`${i}`, won.assign(`${i}`) === "candidate" ? 1 : 0);
    expect(won.decision.verdict).toBe("better");
    expect(won.decision.reason).toMatch(/^100\.0 points more \(/);
    expect(won.assign("anyone")).toBe("candidate");
  });

  it("goes on in another process where it was", () => {
    const options = { name: "n", guards: ["ok"], effect: 0.1 };
    const random = new Random(4);
    const outcomes = Array.from({ length: 300 }, () => ({
      success: random.uniform(),
      ok: random.integer(2),
    }));
    const whole = new ABTest(options);
    const first = new ABTest(options);
    for (const [i, outcome] of outcomes.entries()) whole.record(`${i}`, outcome);
    for (const [i, outcome] of outcomes.slice(0, 100).entries()) first.record(`${i}`, outcome);
    const second = new ABTest(options).restore(JSON.parse(JSON.stringify(first)));
    for (const [i, outcome] of outcomes.entries()) second.record(`${i}`, outcome);
    expect({ ...second.state(), repeated: 0 }).toEqual(whole.state());
    expect(() => new ABTest({ name: "n" }).restore(first.toJSON())).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: ABTest n: the state of n with better,worse,ok — this test has better,worse; make it with the same name and guards]`,
    );
  });

  it("refuses options and outcomes out of bounds", () => {
    const errors = [
      () => new ABTest({ name: "n", share: 0 }),
      () => new ABTest({ name: "n", share: Number.NaN }),
      () => new ABTest({ name: "" }),
      () => new ABTest({ name: "n", effect: 2 }),
      () => new ABTest({ name: "n", alpha: 0 }),
      () => new ABTest({ name: "n", maxExposures: 1.5 }),
      () => new ABTest({ name: "n", guards: ["better"] }),
      () => new ABTest({ name: "n" }).record("u", 2),
      () => new ABTest({ name: "n" }).record("u", Number.NaN),
      () => new ABTest({ name: "n", guards: ["ok"] }).record("u", 1),
    ].map((make) => {
      try {
        make();
      } catch (error) {
        return String(error);
      }
      return "taken";
    });
    expect(errors).toMatchInlineSnapshot(`
      [
        "RangeError: ABTest: share 0 — between 0 and 1, both excluded: both arms need units",
        "RangeError: ABTest: share NaN — between 0 and 1, both excluded: both arms need units",
        "RangeError: ABTest: name "" — a name: it decides who is in which arm",
        "RangeError: ABTest: effect 2 — between 0 and 1; 0.02 for two points",
        "RangeError: ABTest: alpha 0 — between 0 and 1",
        "RangeError: ABTest: maxExposures 1.5 — an integer ≥ 1",
        "RangeError: ABTest: guard better — a name of its own; success, better and worse are taken",
        "RangeError: ABTest n: the outcome's success is 2 — a number from 0 to 1",
        "RangeError: ABTest n: the outcome's success is NaN — a number from 0 to 1",
        "RangeError: ABTest n: the outcome's ok is undefined — a number from 0 to 1; with guards pass { success, ok }",
      ]
    `);
    const test = new ABTest({ name: "n" });
    expect(() => test.record("u", -1)).toThrow(RangeError);
    expect(test.state().control.exposures + test.state().candidate.exposures).toBe(0);
  });
});

describe("differenceInterval", () => {
  it("is the normal mixture's, and tightest about where it is meant to be", () => {
    const arm = (count: number) => ({ count, sum: count / 2, squares: count / 2 });
    const { estimate, high } = differenceInterval(arm(5000), arm(5000), { alpha: 0.05, narrowest: 1e-4 }) ?? {
      estimate: 1,
      high: 0,
    };
    expect(estimate).toBe(0);
    // V = 2·0.25/5000 = 1e-4, r = ⅛: z² = 1.125·(2·ln 20 + ln 9)
    expect(high).toBeCloseTo(0.01 * Math.sqrt(1.125 * (2 * Math.log(20) + Math.log(9))), 12);
    const z = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2].map(
      (narrowest) => differenceInterval(arm(5000), arm(5000), { alpha: 0.05, narrowest })?.high ?? 0,
    );
    expect(Math.min(...z)).toBe(z[2]);
    expect(differenceInterval(arm(1), arm(5000), { alpha: 0.05, narrowest: 1e-4 })).toBe(null);
  });
});
