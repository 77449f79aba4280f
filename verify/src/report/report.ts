import { mkdirSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { kernelChoice } from "tensorgrad/runtime";
import { writeDurably } from "tensorgrad/runtime/node";
import { runtimeVersion } from "../parity/runtime-library.ts";
import { once, type Settings, tableOf } from "../section.ts";
import { foundIn, type Results } from "../verification.ts";
import type { Table } from "./cells.ts";
import { htmlOf } from "./html.ts";
import { indexOf } from "./index.ts";
import { type Summary, summaryOf } from "./summary.ts";

/** Results with all it takes to get them again. */
export interface Report {
  readonly command: string;
  readonly settings: Settings;
  readonly date: string;
  readonly seconds: number;
  readonly machine: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly results: Results;
}

/**
 * Puts results together with where and how they were made: a number without its machine and seed cannot be
 * repeated.
 */
export async function reportOf(
  command: string,
  settings: Settings,
  results: Results,
  seconds: number,
): Promise<Report> {
  // Asking for the version loads the engine; a run without parity should not need it installed.
  const onnxruntime = results.operations ? { onnxruntime: await runtimeVersion() } : {};
  const processors = cpus();
  return {
    command,
    settings,
    date: new Date().toISOString(),
    seconds,
    machine: [
      processors[0]?.model.trim() ?? "unknown processor",
      `${processors.length} cores`,
      `${process.platform} ${process.arch}`,
      `${kernelChoice()} kernels`,
    ].join(", "),
    versions: { node: process.versions.node, ...onnxruntime },
    results,
  };
}

/** Writes index.html, parity.html, parity.md and parity.json; returns their names. Each appears whole or not at all. */
export async function writeReport(dir: string, report: Report): Promise<string[]> {
  mkdirSync(dir, { recursive: true });
  // All files are composed before the first is written: an error leaves the previous report as it was.
  const summary = summaryOf(report.results);
  const tables = tablesOf(report.results);
  const json = `${JSON.stringify({ ...report, results: plainResults(report.results), summary: summary.json }, null, 1)}\n`;
  const contents = {
    "index.html": indexOf(provenance(report), summary, report.results),
    "parity.html": htmlOf(provenance(report), summary, tables),
    "parity.md": markdownOf(report, summary, tables),
    "parity.json": json,
  };
  const files = Object.entries(contents).map(([name, content]) => ({ file: join(dir, name), content }));
  for (const { file, content } of files) await writeDurably(file, content);
  return files.map(({ file }) => file);
}

/** How it was made, as lines for people. */
export function provenance({ command, date, seconds, machine, versions }: Report): string[] {
  const list = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [`${command} — ${seconds.toFixed(1)} s, ${date}`, `${machine}; ${list.join(", ")}`];
}

/**
 * The tables in Markdown, for where HTML is not shown: a pull request, a terminal. Pipes inside a cell are
 * escaped.
 */
function markdownOf(report: Report, summary: Summary, tables: readonly Table[]): string {
  const cell = (text: string) => text.replaceAll("|", "\\|").replaceAll("\n", " ");
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(" | ")} |`;
  return [
    "# Verification",
    "",
    ...provenance(report),
    "",
    ...summary.lines.map((text) => `- ${text}`),
    ...summary.misses.map((miss) => `- **missed**: ${cell(miss)}`),
    ...tables.flatMap(({ title, about, columns, rows }) => [
      "",
      `## ${title}`,
      "",
      about,
      "",
      line(columns),
      line(columns.map(() => "---")),
      ...rows.map((row) => line(row.map(({ text }) => text))),
    ]),
    "",
  ].join("\n");
}

/** Everything that was run, as tables: the same for the page and for Markdown. */
function tablesOf(results: Results): Table[] {
  // What another engine says comes first: it is the strongest evidence, and the most likely to be asked for.
  const found = foundIn(results);
  const [theirs, ours] = [true, false].map((isTheirs) =>
    found.filter(({ section }) => (section.part === "parity") === isTheirs),
  );
  const all = [...theirs, ...ours].flatMap(({ section, rows }) => [
    tableOf(section, rows ?? []),
    ...(rows ?? []).flatMap((row) => section.details?.(row) ?? []),
  ]);
  // A table without rows was not part of this run; an empty one would look like a check that found nothing.
  return all.filter(({ rows }) => rows.length > 0);
}

/** Counterexamples have files of their own; a single experiment is no list. */
function plainResults(results: Results) {
  const entries = foundIn(results).map(({ key, section, rows }) => {
    const plain = rows?.map(section.plain ?? ((row) => row)) ?? null;
    return [key, section.items === once ? (plain?.[0] ?? null) : plain] as const;
  });
  return { completeness: results.completeness, ...Object.fromEntries(entries) };
}
