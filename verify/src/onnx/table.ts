import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { causeOf } from "./causes.ts";
import type { NodeResult, Verdict } from "./nodes.ts";

/** Tests by verdict. */
export type Counts = Readonly<Record<Verdict, number>>;

/** What the last run is held against: tests that passed must pass. */
export interface SuiteTable extends Counts {
  readonly total: number;
  readonly byOperator: Readonly<Record<string, Counts>>;
  /** Every test that does not pass, and why. */
  readonly open: Readonly<Record<string, string>>;
}

const file = fileURLToPath(new URL("./nodes.json", import.meta.url));

export const committedTable = (): SuiteTable => JSON.parse(readFileSync(file, "utf8")) as SuiteTable;
export const saveTable = (table: SuiteTable): void =>
  writeFileSync(file, `${JSON.stringify(table, null, 2)}\n`);

const none = (): Record<Verdict, number> => ({ passed: 0, failed: 0, unsupported: 0 });

export function tableOf(results: readonly NodeResult[]): SuiteTable {
  const all = none();
  const byOperator: Record<string, Record<Verdict, number>> = {};
  const open: Record<string, string> = {};
  for (const { name, operator, verdict, reason } of results) {
    byOperator[operator] ??= none();
    byOperator[operator][verdict]++;
    all[verdict]++;
    if (verdict !== "passed")
      open[name] = `${verdict}: ${reason}; cause: ${causeOf(name) ?? "not yet looked into"}`;
  }
  const sorted = Object.entries(byOperator).sort(([a], [b]) => (a < b ? -1 : 1));
  return { total: results.length, ...all, byOperator: Object.fromEntries(sorted), open };
}

/** Tests that passed once and do not now. */
export const lostSince = (table: SuiteTable, results: readonly NodeResult[]): NodeResult[] =>
  results.filter(({ name, verdict }) => verdict !== "passed" && !Object.hasOwn(table.open, name));
