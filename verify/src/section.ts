import { type Cell, type Table, text, verdict } from "./report/cells.ts";

/** How much of everything is run. */
export interface Settings {
  readonly seed: number;
  /** Examples per row of the table. */
  readonly runs: number;
  /** Random directions per example. */
  readonly directions: number;
  /** Seeds on which every planted fault has to be caught. */
  readonly seeds: number;
  /** Examples per row that are compared with ONNX Runtime. */
  readonly parityRuns: number;
  /** Training steps done in both engines. */
  readonly steps: number;
  /** Only rows, kernels, models and faults whose name contains this. */
  readonly filter: string;
}

export const FULL = { runs: 200, directions: 4, seeds: 20, parityRuns: 20, steps: 200 } as const;
export const QUICK = { runs: 12, directions: 2, seeds: 3, parityRuns: 4, steps: 10 } as const;

/** Each part can be run by itself. */
export type Part = "gradients" | "kernels" | "planted" | "parity";

export interface Named {
  readonly name: string;
}

/**
 * One check: what it runs on, and what is said of each result. Lines in the terminal, tables, totals, misses and JSON
 * follow from it, so that a section is stated once, beside what it measures.
 */
export interface Section<Row, Item extends Named = Named> extends View<Row> {
  readonly part: Part;
  /** What there is to check; a filter chooses by name. */
  readonly items: () => readonly Item[];
  readonly check: (item: Item, settings: Settings) => Row | Promise<Row>;
}

/** How results are shown and counted. */
export interface View<Row> {
  readonly title: string;
  /** How to read the table, for the report. */
  readonly about: string;
  /** Cells by the head of their column; the first names the row. */
  readonly columns: Readonly<Record<string, (row: Row) => Cell>>;
  /** Heads of the columns that are printed while it runs. */
  readonly brief: readonly string[];
  /** Null if all is right; else the first line is the miss, and details stand below. */
  readonly wrong: (row: Row) => string | null;
  /** Why a row was not compared; null if it was. Such rows are listed, but do not count. */
  readonly skipped?: (row: Row) => string | null;
  readonly counts: readonly Count<Row>[];
  /** What becomes of a row in parity.json, where tensors and functions have no place. */
  readonly plain?: (row: Row) => object;
  /** Tables that open up single rows. */
  readonly details?: (row: Row) => Table;
}

/** How many of how many. */
export interface Score {
  readonly passed: number;
  readonly total: number;
}

/** One total of a section; by default, of the rows that were compared, those about which nothing is wrong. */
export interface Count<Row> {
  /** Its name in JSON. */
  readonly key: string;
  /** What is counted, for people. */
  readonly label: string;
  readonly among?: (row: Row) => boolean;
  readonly passed?: (row: Row) => boolean;
  /** What JSON says in place of "passed". */
  readonly passedIs?: string;
  /** How many experiments a row stands for. */
  readonly size?: (row: Row) => number;
}

/** The items of a check that is one experiment: without a name, it runs if there is no filter. */
export const once = (): readonly Named[] => [{ name: "" }];

/** Runs what the filter lets through; results are seen as they come. */
export async function run<Row, Item extends Named>(
  { items, check }: Section<Row, Item>,
  settings: Settings,
  seen: (row: Row) => void = () => {},
): Promise<Row[]> {
  const wanted = settings.filter.toLowerCase();
  const rows: Row[] = [];
  for (const item of items().filter(({ name }) => name.toLowerCase().includes(wanted))) {
    rows.push(await check(item, settings));
    seen(rows[rows.length - 1]);
  }
  return rows;
}

/** A row that was not compared keeps its line, with the reason. */
export function tableOf<Row>(
  { columns, wrong, skipped, title, about }: View<Row>,
  rows: readonly Row[],
): Table {
  const [name, ...others] = Object.values(columns);
  const [head, ...heads] = Object.keys(columns);
  const line = (row: Row): Cell[] => {
    const [why, complaint] = [skipped?.(row), wrong(row)];
    if (why) return [name(row), text("–"), ...heads.map(() => text("")), text(`not compared: ${why}`)];
    return [
      name(row),
      verdict(complaint === null),
      ...others.map((cell) => cell(row)),
      text(complaint ?? ""),
    ];
  };
  return { title, about, columns: [head, "", ...heads, "remark"], rows: rows.map(line) };
}

/** The same row in the terminal. */
export function briefOf<Row>({ columns, brief, skipped }: View<Row>, row: Row): string[] {
  const why = skipped?.(row);
  const cells = brief.map((head) => columns[head](row).text);
  return why ? [cells[0], `not compared: ${why}`] : cells;
}

export function scoreOf<Row>(section: View<Row>, count: Count<Row>, rows: readonly Row[]): Score {
  const { among = (row) => !section.skipped?.(row), passed = (row) => section.wrong(row) === null } = count;
  const counted = rows.filter(among);
  const sum = (list: readonly Row[]) => list.reduce((total, row) => total + (count.size?.(row) ?? 1), 0);
  return { passed: sum(counted.filter(passed)), total: sum(counted) };
}
