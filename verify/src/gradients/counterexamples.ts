import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { type DType, FormatError, fromArray, scope, type Tensor } from "tensorgrad";
import { isDType, parseJson } from "tensorgrad/runtime";
import { checkRegularFile, writeDurablySync } from "tensorgrad/runtime/node";
import { cases } from "../table/cases.ts";
import { emptyTally, examine, type Finding } from "./examine.ts";
import { type CheckResult, examinationOf } from "./gradients.ts";

/** A failure as a file: enough to see it again, for ever, even when the generators have changed. */
export interface Counterexample {
  readonly row: string;
  readonly law: string;
  readonly message: string;
  /** How the example was drawn: its options come back from here. */
  readonly seed: number;
  readonly path: string;
  readonly directionSeed: number;
  readonly inputs: readonly {
    readonly dtype: DType;
    readonly shape: readonly number[];
    readonly data: readonly number[];
  }[];
}

/** Writes the smallest failing example of a row; returns the file's name, or nothing if the row passed. */
export function saveCounterexample(
  dir: string,
  { name, failure }: CheckResult & { readonly name: string },
): string[] {
  if (failure === null) return [];
  const { seed, path, finding, message, example, directionSeed } = failure;
  const inputs = example.inputs.map(({ dtype, shape, data }) => ({ dtype, shape, data: Array.from(data) }));
  const content: Counterexample = { row: name, law: finding.law, message, seed, path, directionSeed, inputs };
  const folder = join(dir, "counterexamples");
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${name.replaceAll(/[^a-zA-Z0-9]+/g, "-")}-${seed}.json`);
  writeDurablySync(file, `${JSON.stringify(content, null, 2)}\n`);
  return [file];
}

/** Examines a saved example once more; null once it has been put right. */
export function replay({ row: name, seed, path, directionSeed, inputs }: Counterexample): Finding | null {
  using _ = scope();
  const row = cases.find((row) => row.name === name);
  if (row === undefined)
    throw new FormatError(`replay: no row named ${JSON.stringify(name)} in the table of cases`);
  const [drawn] = fc.sample(fc.tuple(row.examples, fc.noShrink(fc.nat())), { seed, path, numRuns: 1 })[0];
  const saved = inputs.map(({ data, shape, dtype }): Tensor => fromArray(data, shape, { dtype }));
  const settings = { ...examinationOf(row), directions: 4, seed: directionSeed };
  return examine({ ...drawn, inputs: saved }, settings, emptyTally());
}

/** Throws FormatError for what is not a counterexample. */
export function readCounterexample(file: string): Counterexample {
  checkRegularFile(file, `replay: ${file}`, { what: "a counterexample", most: 2 ** 24 });
  const refused = (why: string) => new FormatError(`replay: ${file} — ${why}`);
  let content: unknown;
  try {
    content = parseJson(readFileSync(file, "utf8"));
  } catch (error) {
    throw refused(String(error));
  }
  const needed = "row, law, message, path, seed, directionSeed and inputs are needed";
  if (!isCounterexample(content)) throw refused(`not a counterexample: ${needed}`);
  checkPath(file, content.path);
  return content;
}

/** Examples before the one at a path are drawn first: a large number would take for ever. */
const FARTHEST = 100_000;

function checkPath(file: string, path: string): void {
  if (/^\d+(:\d+)*$/.test(path) && path.split(":").every((place) => Number(place) <= FARTHEST)) return;
  throw new FormatError(
    `replay: ${file} has the path ${JSON.stringify(path.slice(0, 40))} — places up to ${FARTHEST}, as in "12:3"`,
  );
}

type Test = (value: unknown) => boolean;
const fits = (tests: Readonly<Record<string, Test>>) => (value: unknown) =>
  Object.entries(tests).every(([name, holds]) => holds((value as Record<string, unknown> | null)?.[name]));
const listOf = (holds: Test) => (list: unknown) => Array.isArray(list) && list.every(holds);
const isText: Test = (x) => typeof x === "string";
const areNumbers = listOf((x) => typeof x === "number" || x === null);

const isCounterexample = fits({
  ...{ row: isText, law: isText, message: isText, path: isText },
  ...{ seed: Number.isInteger, directionSeed: Number.isInteger },
  inputs: listOf(fits({ dtype: isDType, shape: areNumbers, data: areNumbers })),
}) as (content: unknown) => content is Counterexample;
