import { createHash } from "node:crypto";

/** Who answers: the version that was current, or the one that is tried. */
export type Arm = "control" | "candidate";

/**
 * Where a unit (a user, a session) stands between 0 and 1, for one experiment: 48 bits of SHA-256 over both names, so that the
 * same unit always stands in the same place, and in another one in the next experiment.
 */
export function positionOf(experiment: string, unit: string): number {
  const digest = createHash("sha256")
    .update(JSON.stringify([experiment, unit]))
    .digest();
  return digest.readUIntBE(0, 6) / 2 ** 48;
}

/** Units below `share` try the candidate: who is in at 5 % stays in at 20 %. */
export const armAt = (position: number, share: number): Arm => (position < share ? "candidate" : "control");
