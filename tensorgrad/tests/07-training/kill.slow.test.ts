import { describe, expect, it } from "vitest";
import { draws } from "../draws.fixture.ts";
import { killAndResume } from "./kill.fixture.ts";

describe("a training killed at any moment", () => {
  // The long version: npx tsx notes/measure/kill-resume.ts; its result is in notes/logs/kill-resume.json.
  it("goes on from its last checkpoint and ends with the same weights and results, to the bit", async () => {
    const count = draws(8, 3);
    const { kills, trainings, differences } = await killAndResume(count, { seed: 7 });
    expect(kills).toHaveLength(count);
    expect(kills.filter(({ resumed }) => !resumed)).toEqual([]);
    expect(kills.filter(({ checkpoints, readable }) => readable !== checkpoints)).toEqual([]);
    expect(trainings).toBeGreaterThan(0);
    expect(differences).toEqual([]);
  });
});
