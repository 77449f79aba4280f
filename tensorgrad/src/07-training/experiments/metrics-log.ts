import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { FormatError } from "../../00-runtime/index.ts";
import { writeDurably } from "../../00-runtime/node.ts";
import type { Json } from "../callbacks/callback.ts";
import { fromJson, toJson } from "../checkpoints/trainer-state.ts";

/** One step of the optimizer, or one epoch with its means; `time` is in seconds since 1970. */
export type Line =
  | {
      readonly kind: "step";
      readonly step: number;
      readonly epoch: number;
      readonly batch: number;
      readonly loss: number;
      readonly lr: number;
      readonly gradNorm: number;
      readonly metrics: Numbers;
      readonly time: number;
    }
  | {
      readonly kind: "epoch";
      readonly step: number;
      readonly epoch: number;
      /** By name: "train.loss", "validation.accuracy". */
      readonly metrics: Numbers;
      readonly seconds: number;
      readonly time: number;
    };

export type Numbers = Readonly<Record<string, number>>;

export const appendLine = (path: string, line: Line): void =>
  appendFileSync(path, `${JSON.stringify(toJson(line))}\n`);

export interface Log {
  readonly lines: readonly Line[];
  /** What was wrong but did not matter. */
  readonly note: string | null;
}

/**
 * Reads a log of metrics. A last line that a killed process left half is left out, with a note.
 *
 * Throws    FormatError naming file and line for any other line that is none
 */
export function readLines(path: string): Log {
  const texts = existsSync(path) ? readFileSync(path, "utf8").split("\n") : [""];
  const half = texts.pop() !== "";
  const lines = texts.map((text, i) => parseLine(text, `${path}, line ${i + 1}`));
  return { lines, note: half ? `${path}: the last line is not finished and was left out` : null };
}

function parseLine(text: string, where: string): Line {
  let value: unknown;
  try {
    value = fromJson(JSON.parse(text) as Json);
  } catch {
    // said below
  }
  const line = (value ?? {}) as Partial<Line>;
  const known = (line.kind === "step" || line.kind === "epoch") && typeof line.metrics === "object";
  if (known && Number.isInteger(line.step) && Number.isInteger(line.epoch)) return line as Line;
  const shown = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  throw new FormatError(
    `${where}: ${JSON.stringify(shown)} — expected a step or an epoch as JSON; the file is damaged`,
  );
}

/** Forgets what comes after a step and an epoch: a resumed run writes it again. */
export async function cutLines(
  path: string,
  { step, epoch }: { step: number; epoch: number },
): Promise<void> {
  const { lines, note } = readLines(path);
  const kept = lines.filter((line) => (line.kind === "step" ? line.step <= step : line.epoch < epoch));
  if (kept.length === lines.length && note === null) return;
  const text = kept.map((line) => `${JSON.stringify(toJson(line))}\n`).join("");
  await writeDurably(path, text);
}
