import { readdirSync } from "node:fs";
import type { Case, Definition, Table } from "./case.ts";

/**
 * The table of proofs: one row per differentiable operation, layer and loss. Whoever adds an operation adds a row to its
 * module's file, and a test fails until that is done. A row says where inputs come from, which classes it proves, and how often
 * it can be differentiated. It says how near to ONNX Runtime it has to be, what it is by definition, and which faults in it
 * have to be caught. Files are found by their names (`NN-….ts`, or `NN-module/….ts`), so there is no list to extend.
 */
const folder = new URL(".", import.meta.url);
const names = readdirSync(folder, { encoding: "utf8", recursive: true }).map((name) =>
  name.replaceAll("\\", "/"),
);
const files = names.filter((name) => /^\d\d-[\w-]+(\/[\w-]+)?\.[jt]s$/.test(name));
export const tables: readonly Table[] = await Promise.all(
  files.sort().map(async (name) => (await import(new URL(name, folder).href)) as Table),
);

const rows = tables.flatMap(({ rows = [] }) => rows);

export const isCase = (row: Case | Definition): row is Case => "examples" in row;

/** Everything that can be drawn and compared. */
export const cases: readonly Case[] = rows.filter(isCase);

/** Everything with a definition of its own: some of the cases, and optimizers. */
export const definitions: readonly Definition[] = rows.filter(({ reference }) => reference !== undefined);

/** Functions without a translation to ONNX, each with the reason. */
export const withoutOnnx: Readonly<Record<string, string>> = Object.assign(
  {},
  ...tables.map(({ withoutOnnx }) => withoutOnnx),
);
