import { existsSync } from "node:fs";
import type { Command } from "commander";
import { runTest } from "./nodes.ts";
import { missingSuite, suiteFolder, testNames } from "./suite.ts";
import { committedTable, lostSince, saveTable, tableOf } from "./table.ts";

export interface SuiteFlags {
  readonly filter: string;
  readonly json: boolean;
  readonly update: boolean;
}

/**
 * Runs ONNX's own tests of operators through the importer. Returns the exit code: 1 if a test of the committed table is lost, 2 if
 * the suite is not there.
 */
export function onnxNodes({ filter, json, update }: SuiteFlags, print: (line: string) => void): number {
  const folder = suiteFolder();
  if (!existsSync(folder)) {
    print(missingSuite(folder));
    return 2;
  }
  const results = testNames(folder)
    .filter((name) => name.includes(filter))
    .map((name) => runTest(folder, name));
  const table = tableOf(results);
  const width = Math.max(20, ...Object.keys(table.byOperator).map((name) => name.length)) + 2;
  print(`${"operator".padEnd(width)}passed  failed  unsupported`);
  for (const [operator, { passed, failed, unsupported }] of Object.entries(table.byOperator))
    print(
      `${operator.padEnd(width)}${String(passed).padStart(6)}${String(failed).padStart(8)}${String(unsupported).padStart(13)}`,
    );
  print("");
  for (const [name, reason] of Object.entries(table.open)) print(`${name}: ${reason}`);
  const lost = lostSince(committedTable(), results);
  for (const { name, reason } of lost) print(`lost: ${name}: ${reason}`);
  print(
    `${table.total} tests: ${table.passed} passed, ${table.failed} failed, ${table.unsupported} unsupported` +
      (lost.length ? `; ${lost.length} that passed before are lost` : ""),
  );
  if (update && !filter && lost.length === 0) saveTable(table);
  const { total, passed, failed, unsupported, byOperator } = table;
  if (json) print(JSON.stringify({ total, passed, failed, unsupported, byOperator }));
  return lost.length ? 1 : 0;
}

/** `onnx-nodes`: what the importer makes of ONNX's own tests. */
export function addOnnxCommands(
  program: Command,
  print: (line: string) => void,
  done: (code: number) => void,
): void {
  program
    .command("onnx-nodes")
    .description("ONNX's own tests of every operator, through the importer")
    .option("--filter <text>", "only tests that have this in their name", "")
    .option("--json", "one JSON object on the last line", false)
    .option("--update", "writes the table anew, if no test of it is lost", false)
    .allowExcessArguments(false)
    .action((flags: SuiteFlags) => done(onnxNodes(flags, print)));
}
