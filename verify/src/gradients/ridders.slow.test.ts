import { describe, expect, it } from "vitest";
import {
  campaign,
  hiddenCancellation,
  planted,
  randomCurve,
  randomReluNet,
  seeded,
} from "./curves.fixture.ts";

describe("the campaign whose numbers verify/README.md states", () => {
  it("0 false alarms on 20,000 random smooth functions", () => {
    expect(campaign(20_000, 101, randomCurve).alarms).toBe(0);
  });

  it("0 false alarms on 20,000 relu nets, of which fewer than 20 start on a kink", () => {
    const { alarms, kinks } = campaign(20_000, 105, randomReluNet);
    expect(alarms).toBe(0);
    expect(kinks).toBeLessThan(20);
  });

  it("at most one alarm in 10,000 functions that cancel 3 to 9 digits: those that rounding has made constant", () => {
    expect(campaign(20_000, 104, hiddenCancellation).alarms).toBeLessThanOrEqual(2);
  });

  it("sees a gradient wrong by a factor 1 + 1e-10 in 1,000 of 1,000 tries", () => {
    const rng = seeded(5);
    let caught = 0;
    for (let run = 0; run < 1000; run++) if (planted(rng, 1e-10)) caught++;
    expect(caught).toBe(1000);
  });
});
