import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Catalogue, codeOf, isCode, readCatalogue, root, solutionOf } from "../engine/catalogue.ts";
import { findRegion, withCode } from "../engine/regions.ts";
import { Learn } from "../learner/learn.ts";
import type { Screen } from "../learner/text.ts";

const folder = fileURLToPath(new URL("exercises", import.meta.url));

/** Exercises about a library of a few lines. */
export const sample = (): Promise<Catalogue> => readCatalogue(folder, root);

/** A folder that is gone in the end. */
export function temporary(): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), "learn-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** A learner of the small library, with a workspace of its own. */
export async function learner(): Promise<{ readonly learn: Learn } & AsyncDisposable> {
  const { path } = temporary();
  const learn = await Learn.open({ catalogue: await sample(), workspace: path });
  return {
    learn,
    [Symbol.asyncDispose]: async () => {
      await learn[Symbol.asyncDispose]();
      rmSync(path, { recursive: true, force: true });
    },
  };
}

/** Writes code into an exercise's region of the learner's file; our solution, if none is given. */
export function write(learn: Learn, id: string, code?: string): void {
  const entry = learn.entry(id);
  if (!isCode(entry.exercise)) throw new Error(`${id} is a question`);
  learn.ensure(entry);
  const text = learn.workspace.read(entry.file)!;
  const ours = solutionOf(learn.catalogue, entry.exercise);
  const region = findRegion(text, id)!;
  learn.workspace.write(entry.file, withCode(text, region, code ?? codeOf(ours.text, ours.region)));
}

/** Writes an answer into a sheet. */
export function answer(learn: Learn, id: string, name: string, value: string): void {
  const entry = learn.entry(id);
  learn.ensure(entry);
  const sheet = learn.workspace.read(entry.file)!;
  learn.workspace.write(entry.file, sheet.replace(new RegExp(`${name} = .*;`), `${name} = ${value};`));
}

/** Solves every exercise of the small library. */
export function solveAll(learn: Learn): void {
  for (const id of ["list-total", "list-mean", "list-scale", "spread-variance"]) write(learn, id);
  answer(learn, "list-bytes", "bytes", "80");
  answer(learn, "list-reading", "count", "0");
  answer(learn, "spread-passes", "passes", "2");
  answer(learn, "spread-reading", "same", "0");
}

/** A screen that keeps what is printed. */
export function kept(width = 100): Screen & { readonly text: string } {
  const lines: string[] = [];
  return {
    ...{ width, isColored: false, print: (line: string) => void lines.push(line) },
    get text() {
      return lines.join("\n");
    },
  };
}
