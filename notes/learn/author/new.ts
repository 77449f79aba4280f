import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { Catalogue } from "../engine/catalogue.ts";
import { findRegion } from "../engine/regions.ts";
import { UsageError } from "../learner/learn.ts";

/**
 * Writes the two files of an exercise, for its author to fill in.
 *
 * Throws    UsageError if they are there, or the source has no such region
 */
export function newExercise(
  { root, folder }: Catalogue,
  module: string,
  id: string,
  source: string,
): string[] {
  const files = [`${id}.ts`, `${id}.check.ts`].map((name) => join(folder, module, name));
  const taken = files.find((file) => existsSync(file));
  if (!/^\d\d-[a-z-]+$/.test(module))
    throw new UsageError(`author new ${module}: a module is called 05-autograd`);
  if (taken) throw new UsageError(`author new ${id}: ${relative(root, taken)} is there already`);
  const path = join(root, source);
  const region = existsSync(path) ? findRegion(readFileSync(path, "utf8"), id) : null;
  if (!region)
    throw new UsageError(
      `author new ${id}: ${source} has no region ${id} — write // exercise: ${id} above a function, or above a statement with // stub: below it`,
    );
  mkdirSync(join(folder, module), { recursive: true });
  writeFileSync(files[0], description(id, module, source));
  writeFileSync(files[1], checks);
  return [
    ...files.map((file) => relative(root, file)),
    `Now list it in ${module}/index.ts, and: author verify ${id} --write`,
  ];
}

const description = (
  id: string,
  module: string,
  source: string,
): string => `import type { Exercise } from "../../exercise.ts";

export const exercise: Exercise = {
  id: "${id}",
  title: "",
  kind: "write",
  points: 0,
  part: "implementation",
  source: "${source}",
  note: "${module}",
  task: "",
  hints: ["", "", "", ""],
  mistakes: [{ name: "", wrong: "", says: "" }],
};
`;

const checks = `import type { Checks, Probes } from "../../exercise.ts";

export const checks: Checks = {};

export const probes: Probes = () => [];
`;
