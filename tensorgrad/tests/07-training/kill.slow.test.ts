import { describe, expect, it } from "vitest";
import { killAndResume } from "./kill.fixture.ts";

describe("a training killed at any moment", () => {
  // The long version: npx tsx notes/measure/kill-resume.ts; its result is in notes/logs/kill-resume.json.
  it("goes on from its last checkpoint and ends with the same weights and results, to the bit", async () => {
    const { kills, trainings, differences } = await killAndResume(8, { seed: 7 });
    expect(kills).toHaveLength(8);
    expect(kills.filter(({ resumed }) => !resumed)).toEqual([]);
    expect(kills.filter(({ checkpoints, readable }) => readable !== checkpoints)).toEqual([]);
    expect(trainings).toBeGreaterThan(0);
    expect(differences).toEqual([]);
  });
});
