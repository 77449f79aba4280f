import { createReadStream, readFileSync } from "node:fs";
import { parse as parseStream } from "csv-parse";
import { parse } from "csv-parse/sync";
import { checked, expectArgument, FormatError, isList } from "../../00-runtime/index.ts";
import { checkRegularFile } from "../../00-runtime/node.ts";
import { fromArray, isTensor } from "../../01-tensor/index.ts";
import type { Batch } from "../../07-training/index.ts";
import { type RowOptions, TensorDataset } from "../sets/rows.ts";
import {
  type Column,
  type EncodeOptions,
  encodeCell,
  isMissing,
  learnColumn,
  targetOf,
  widthOf,
} from "./csv-columns.ts";
import { delimiterOf, firstBytes, inWords } from "./csv-text.ts";

/** Options of `readCsv`, `parseCsv` and `streamCsv`. */
export interface CsvOptions extends Partial<EncodeOptions> {
  /** The column to predict. Text becomes classes (int32), numbers stay numbers; `classes: true` makes classes of numbers, too. */
  readonly target: string;
  /** Columns to predict from, in this order; all others by default. */
  readonly columns?: readonly string[];
  readonly classes?: boolean;
  /** Leaves out lines of which something is not known. */
  readonly dropMissing?: boolean;
  /** Found out from the first line by default: comma, semicolon or tab. */
  readonly delimiter?: string;
  /** More different words than this are no classes. */
  readonly mostCategories?: number;
  /** What another table taught: categories, means and spreads of the training table, for validation and use. */
  readonly like?: CsvDataset;
}

const CSV_OPTIONS = [
  ...(["target", "columns", "classes", "dropMissing", "delimiter", "mostCategories", "like"] as const),
  ...(["standardise", "missing"] as const),
];

/** How a table was understood. */
export interface TableShape {
  readonly features: readonly Column[];
  readonly target: Column;
  readonly options: EncodeOptions;
}

/** A table as a data set: x has a number for every numeric column and one for every category. */
export class CsvDataset extends TensorDataset {
  /** Columns of x, in their order. */
  readonly features: readonly Column[];
  readonly target: Column;
  readonly encoding: EncodeOptions;

  constructor(rows: Pick<Batch, "x" | "y">, table: TableShape, how: RowOptions = {}) {
    expectArgument(
      isTensor(rows?.x),
      "CsvDataset",
      "rows",
      rows,
      "{ x, y }; readCsv(path, …) makes the whole data set",
    );
    expectArgument(isList(table?.features), "CsvDataset", "table", table, "{ features, target, options }");
    const { features, target, options } = table;
    super(rows.x, rows.y, how);
    [this.features, this.target, this.encoding] = [features, target, options];
  }

  /** Names of the classes, by their number; empty where the target is a number. */
  get classes(): readonly string[] {
    return this.target.kind === "category" ? this.target.categories : [];
  }

  /** One name for each number of x: `age`, `colour=red`. */
  get featureNames(): readonly string[] {
    return this.features.flatMap((column) =>
      column.kind === "number"
        ? [column.name]
        : column.categories.map((category) => `${column.name}=${category}`),
    );
  }
}

/**
 * Reads a table with a head line: numbers as they are (standardised unless told otherwise), words as classes.
 *
 *   const train = readCsv("train.csv", { target: "species" });
 *   const test = readCsv("test.csv", { target: "species", like: train });   // the same classes, means and spreads
 *
 * Shapes  x [lines, numbers] float32; y [lines] int32 for classes, [lines, 1] float32 for numbers
 * Throws  FormatError naming row and column: lines of unequal length, quotes that do not end, unknown columns, words among numbers
 */
export function readCsv(path: string, options: CsvOptions): CsvDataset {
  const call = `readCsv(${path})`;
  checkRegularFile(path, call, { what: "a table as .csv" });
  return parseCsv(readFileSync(path), options, call);
}

/** As `readCsv`, of a table in memory. */
export function parseCsv(content: Uint8Array | string, options: CsvOptions, call = "parseCsv"): CsvDataset {
  const isText = typeof content === "string" || (content as unknown) instanceof Uint8Array;
  expectArgument(isText, "parseCsv", "content", content, "the text of a table, or its bytes");
  checked("parseCsv", options, CSV_OPTIONS);
  const lines = parsed(content, options, call);
  const head = headOf(lines[0] ?? [], call);
  const body = lines.slice(1).map((cells, i) => ({ cells, number: i + 2 }));
  const at = places(head, options, call);
  const used = [...at.features, at.target];
  const kept = options.dropMissing
    ? body.filter(({ cells }) => !used.some((i) => isMissing(cells[i])))
    : body;
  if (kept.length === 0)
    throw new FormatError(`${call}: no lines below the head — there is nothing to learn from`);
  const shape = options.like
    ? shapeOf(options.like)
    : learn(
        kept.map(({ cells }) => cells),
        head,
        at,
        options,
        call,
      );
  return new CsvDataset(encode(kept, shape, at, call), shape);
}

/**
 * Batches of a table that is too large for memory: lines are read as they are needed, and understood as `like` was. One pass,
 * in the order of the file.
 *
 *   for await (const { x, y } of streamCsv("all.csv", { like: sample, target: "species", batchSize: 256 })) …
 *
 * Throws  FormatError as `readCsv` does, when it comes to the line
 */
export async function* streamCsv(
  path: string,
  given: CsvOptions & { readonly like: CsvDataset; readonly batchSize?: number },
): AsyncGenerator<Batch, void, undefined> {
  const { batchSize = 32, ...options } = checked("streamCsv", given, [...CSV_OPTIONS, "batchSize"]);
  expectArgument(
    options.like instanceof CsvDataset,
    "streamCsv",
    "like",
    options.like,
    "what readCsv made of a part",
  );
  const call = `streamCsv(${path})`;
  checkRegularFile(path, call, { what: "a table as .csv" });
  const source = createReadStream(path);
  const lines = source.pipe(parseStream(settings(options.delimiter ?? delimiterOf(firstBytes(path)))));
  const shape = shapeOf(options.like);
  let at: Places | null = null;
  let number = 1;
  let waiting: Line[] = [];
  try {
    for await (const cells of lines as AsyncIterable<string[]>) {
      if (at === null) {
        at = places(headOf(cells, call), options, call);
        continue;
      }
      number++;
      const used = [...at.features, at.target];
      if (options.dropMissing && used.some((i) => isMissing(cells[i]))) continue;
      waiting.push({ cells, number });
      if (waiting.length < batchSize) continue;
      yield encode(waiting, shape, at, call);
      waiting = [];
    }
  } catch (error) {
    throw inWords(error, call);
  } finally {
    source.destroy();
  }
  if (at && waiting.length > 0) yield encode(waiting, shape, at, call);
}

interface Line {
  readonly cells: readonly string[];
  /** Counted from 1, the head included; a cell in quotes may go over several lines of text. */
  readonly number: number;
}

/** Which cells of a line are used. */
interface Places {
  readonly features: readonly number[];
  readonly target: number;
}

const settings = (delimiter: string) =>
  ({ bom: true, delimiter, skip_empty_lines: true, relax_quotes: false }) as const;

function parsed(content: Uint8Array | string, { delimiter }: CsvOptions, call: string): string[][] {
  const text =
    typeof content === "string" ? content : Buffer.from(content.buffer, content.byteOffset, content.length);
  try {
    return parse(text, settings(delimiter ?? delimiterOf(text.toString().slice(0, 10_000))));
  } catch (error) {
    throw inWords(error, call);
  }
}

function headOf(cells: readonly string[], call: string): readonly string[] {
  const names = cells.map((cell) => cell.trim());
  if (names.length === 0)
    throw new FormatError(`${call}: an empty file — expected a head line with the columns' names`);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined)
    throw new FormatError(
      `${call}: two columns named ${JSON.stringify(twice)} — each needs a name of its own`,
    );
  return names;
}

function places(head: readonly string[], { target, columns, like }: CsvOptions, call: string): Places {
  const named = columns ?? like?.features.map(({ name }) => name) ?? head.filter((name) => name !== target);
  const at = (name: string): number => {
    const index = head.indexOf(name);
    if (index >= 0) return index;
    const known = head.slice(0, 8).map((one) => JSON.stringify(one));
    throw new FormatError(
      `${call}: no column ${JSON.stringify(name)} — there are ${known.join(", ")}${head.length > 8 ? ", …" : ""}`,
    );
  };
  if (named.length === 0)
    throw new FormatError(`${call}: no columns but the target — there is nothing to predict from`);
  return { features: named.map(at), target: at(target) };
}

const shapeOf = ({ features, target, encoding }: CsvDataset): TableShape => ({
  features,
  target,
  options: encoding,
});

function learn(
  lines: readonly (readonly string[])[],
  head: readonly string[],
  at: Places,
  { classes = false, mostCategories = 1000, standardise = true, missing = "error" }: CsvOptions,
  call: string,
): TableShape {
  const column = (index: number, asCategory: boolean): Column =>
    learnColumn(
      call,
      head[index],
      lines.map((cells) => cells[index]),
      { asCategory, mostCategories },
    );
  return {
    features: at.features.map((index) => column(index, false)),
    target: column(at.target, classes),
    options: { standardise, missing },
  };
}

function encode(
  lines: readonly Line[],
  { features, target, options }: TableShape,
  at: Places,
  call: string,
): Batch {
  const width = features.reduce((sum, column) => sum + widthOf(column), 0);
  const x = new Float32Array(lines.length * width);
  const isClass = target.kind === "category";
  const y = isClass ? new Int32Array(lines.length) : new Float32Array(lines.length);
  for (const [row, { cells, number }] of lines.entries()) {
    const where = `${call}, row ${number}`;
    let to = row * width;
    for (const [i, column] of features.entries()) {
      encodeCell(where, column, cells[at.features[i]], x, to, options);
      to += widthOf(column);
    }
    y[row] = targetOf(where, target, cells[at.target]);
  }
  const shape = isClass ? [lines.length] : [lines.length, 1];
  return { x: fromArray(x, [lines.length, width]), y: fromArray(y, shape) };
}
