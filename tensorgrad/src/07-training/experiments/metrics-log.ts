import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { FormatError, parseJson } from "../../00-runtime/index.ts";
import { checkRegularFile, writeDurably } from "../../00-runtime/node.ts";
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

/** A million steps take about 200 MB. */
const LARGEST = 2 ** 29 - 2 ** 20;

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
  if (!existsSync(path)) return { lines: [], note: null };
  checkRegularFile(path, path, {
    what: "the lines that an Experiment wrote; the run is damaged",
    most: LARGEST,
  });
  const texts = readFileSync(path, "utf8").split("\n");
  const half = texts.pop() !== "";
  const lines = texts.map((text, i) => parseLine(text, `${path}, line ${i + 1}`));
  return { lines, note: half ? `${path}: the last line is not finished and was left out` : null };
}

function parseLine(text: string, where: string): Line {
  let value: unknown;
  try {
    value = fromJson(parseJson(text) as Json);
  } catch {
    // said below
  }
  if (isLine(value)) return value;
  const shown = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  throw new FormatError(
    `${where}: ${JSON.stringify(shown)} — expected a step or an epoch as JSON; the file is damaged`,
  );
}

/** Every field that a line of its kind has. */
function isLine(value: unknown): value is Line {
  const { kind, step, epoch, metrics, ...rest } = (value ?? {}) as Record<string, unknown>;
  if (kind !== "step" && kind !== "epoch") return false;
  if (!Number.isInteger(step) || !Number.isInteger(epoch) || !isRecord(metrics)) return false;
  const own = kind === "step" ? [rest.batch, rest.loss, rest.lr, rest.gradNorm] : [rest.seconds];
  return [rest.time, ...own, ...Object.values(metrics)].every((number) => typeof number === "number");
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

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
