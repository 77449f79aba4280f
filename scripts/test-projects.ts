import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/**
 * Which project of `vitest.config.ts` a quick test belongs to. To load the library costs more than most files' tests:
 * files share a worker that has it already, unless they change or measure something of the whole process. `shared-worker.ts`
 * sees to it that those which share leave nothing behind.
 */

const PARTS = ["micrograd", "tensorgrad", "verify", "examples", "notes", "scripts", "bench"];

/**
 * What a file says that has to have a process of its own: global settings, mocks, measures of the heap, and hooks in a
 * fixture, which are set only where it is loaded first.
 */
const OWN_PROCESS =
  /\b(useThreads|useBlas|settledHeap)\b|\b(heap|vi)\.|\bglobalThis\b|\bprocess\.(on|once|chdir)\b|new Worker\b|^\/\/ own process: /m;
const HOOKS = /^(before|after)(Each|All)\(/m;

/** All quick tests, as paths from `root`. */
export function quickTests(root: string): string[] {
  return PARTS.flatMap((part) =>
    readdirSync(join(root, part), { encoding: "utf8", recursive: true })
      .filter((file) => file.endsWith(".test.ts") && !/node_modules|dist|\.slow\.test/.test(file))
      .map((file) => join(part, file).replaceAll("\\", "/")),
  );
}

/** Whether a file says something, or a fixture that it imports. */
function says(pattern: RegExp, file: string): boolean {
  return (
    pattern.test(readFileSync(file, "utf8")) || fixturesOf(file).some((fixture) => says(pattern, fixture))
  );
}

const fixturesOf = (file: string): string[] =>
  [...readFileSync(file, "utf8").matchAll(/from "(\..*?\.fixture\.ts)"/g)].map(([, target]) =>
    resolve(dirname(file), target),
  );

/** Quick tests that are not given the worker of another. */
export const ownProcess = (root: string): string[] =>
  quickTests(root).filter((file) => {
    const path = join(root, file);
    return says(OWN_PROCESS, path) || fixturesOf(path).some((fixture) => says(HOOKS, fixture));
  });

/** Quick tests that assert properties: they give something else with every seed. */
export const drawing = (root: string): string[] =>
  quickTests(root).filter((file) => says(/\bfc\.(assert|check)\(/, join(root, file)));
