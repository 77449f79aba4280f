import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Probe } from "../engine/wire.ts";

/** What each mistake of an exercise gave on the probes when it was verified, and the file with the checks as it was then. */
export interface Recorded {
  /** SHA-256 of `<id>.check.ts`: checks that somebody changed say so. */
  readonly check: string;
  readonly probes: Readonly<Record<string, readonly Probe[]>>;
}

/** `exercises/NN-module/mistakes.json`, by exercise. */
export type Mistakes = Readonly<Record<string, Recorded>>;

export function readMistakes(folder: string): Mistakes {
  const file = join(folder, "mistakes.json");
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Mistakes) : {};
}

/** Line ends differ between systems; the checks do not. */
export const hashOf = (text: string): string =>
  createHash("sha256").update(text.replaceAll("\r\n", "\n")).digest("hex");

/** Numbers as they are written down: float32 has no more digits, and machines round the last ones differently. */
export const rounded = (probes: readonly Probe[]): Probe[] =>
  probes.map((x) => (typeof x === "number" ? Number(x.toPrecision(7)) : x));

/** Whether two programs gave the same, as far as machines do. */
export const isSame = (a: readonly Probe[], b: readonly Probe[]): boolean =>
  a.length === b.length && a.every((x, i) => isEqual(x, b[i]));

function isEqual(x: Probe, y: Probe): boolean {
  if (typeof x !== "number" || typeof y !== "number") return x === y;
  return Math.abs(x - y) <= 1e-7 + 2e-6 * Math.max(Math.abs(x), Math.abs(y));
}
