import { join } from "node:path";
import { Bundler } from "../engine/bundle.ts";
import { type Catalogue, type Entry, readCatalogue, root } from "../engine/catalogue.ts";
import { Runner } from "../engine/runner.ts";
import { isSame, readMistakes } from "./probes.ts";
import { complaintsAbout } from "./rules.ts";
import { type Tools, type Verified, verifyExercise, writeMistakes } from "./verify.ts";

/** The exercises that a word means: a module, its number, an id, or all. */
export function chosen({ entries }: Catalogue, word: string | undefined): readonly Entry[] {
  if (word === undefined) return entries;
  return entries.filter(
    ({ exercise, module }) => exercise.id === word || module === word || module.slice(0, 2) === word,
  );
}

export interface VerifyOptions {
  readonly write?: boolean;
  readonly catalogue?: Catalogue;
  readonly print?: (line: string) => void;
}

/** `author verify`: 0 if all is well, 1 if there is a complaint, 2 if there is no such exercise. */
export async function authorVerify(word: string | undefined, options: VerifyOptions = {}): Promise<number> {
  const { print = console.log, write = false } = options;
  const catalogue = options.catalogue ?? (await readCatalogue());
  const entries = chosen(catalogue, word);
  if (entries.length === 0) {
    print(
      `author verify ${word ?? ""}: no such exercise or module; there are ${catalogue.modules.join(", ")}`,
    );
    return 2;
  }
  const complaints = complaintsAbout(catalogue, entries);
  for (const text of complaints) print(`✗ ${text}`);
  await using bundler = new Bundler(root);
  using runner = new Runner(root);
  const tools: Tools = { catalogue, bundler, runner };
  const verified: Verified[] = [];
  for (const entry of entries) {
    if (complaints.some((text) => text.startsWith(`${entry.exercise.id}:`))) continue; // it may not even run
    const one = await verifyExercise(tools, entry);
    verified.push(one);
    const stale = write ? [] : staleness(catalogue, entry, one);
    complaints.push(...one.complaints, ...stale);
    print(`${one.complaints.length + stale.length ? "✗" : "✓"} ${line(entry, one)}`);
    for (const text of [...one.complaints, ...stale]) print(`    ${text}`);
  }
  if (write) for (const file of writeMistakes(tools, verified)) print(`wrote ${file}`);
  print(`${verified.length} verified, ${complaints.length} complaints`);
  return complaints.length > 0 ? 1 : 0;
}

const line = ({ module, exercise }: Entry, { named, seconds }: Verified): string =>
  `${module} ${exercise.id}: ${named} of ${exercise.mistakes.length} mistakes named, ${seconds.toFixed(1)} s`;

/** What is written down must be what was found. */
export function staleness(
  { folder }: Catalogue,
  { module, exercise }: Entry,
  { recorded }: Verified,
): string[] {
  const known = readMistakes(join(folder, module))[exercise.id];
  const again = `npm run learn -- author verify ${exercise.id} --write`;
  if (!known) return [`mistakes.json does not know it — ${again}`];
  if (known.check !== recorded.check)
    return [`its checks changed since mistakes.json was written — ${again}`];
  const names = new Set([...Object.keys(known.probes), ...Object.keys(recorded.probes)]);
  return [...names]
    .filter((name) => !isSame(known.probes[name] ?? [], recorded.probes[name] ?? []))
    .map((name) => `what "${name}" gives is not what mistakes.json says — ${again}`);
}
