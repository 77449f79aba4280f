import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isCode, root } from "../../learn/engine/catalogue.ts";
import { watchChanges } from "../../learn/learner/changes.ts";
import { Learn } from "../../learn/learner/learn.ts";

/**
 * How long a learner waits: from a save to the verdict, as the watcher does it, and for all exercises at once. The workspace holds our
 * solutions; questions are unanswered. Prints one JSON object; `npm run record learn` keeps it.
 */
const median = (xs: readonly number[]): number => [...xs].sort((a, b) => a - b)[Math.floor(xs.length / 2)];

const folder = mkdtempSync(join(tmpdir(), "learn-"));
await using learn = await Learn.open({ workspace: folder });
const code = learn.entries.filter(({ exercise }) => isCode(exercise));
for (const { file } of code) learn.workspace.write(file, readFileSync(join(root, file), "utf8"));

const began = performance.now();
const verdicts = [];
for (const entry of learn.entries) {
  learn.ensure(entry);
  verdicts.push({ entry, ...(await learn.check(entry)) });
}
const checkAllSeconds = (performance.now() - began) / 1000;

/** From a save to the verdict: events of the file system, the bundle, the process. */
const saved: number[] = [];
let heard = (): void => {};
const changes = await watchChanges(folder, () => heard());
for (const entry of code.slice(0, 12))
  for (let i = 0; i < 3; i++) {
    learn.runner.warm();
    await new Promise((resolve) => setTimeout(resolve, 400)); // nobody saves faster
    const event = new Promise<void>((resolve) => {
      heard = resolve;
    });
    const start = performance.now();
    learn.workspace.write(entry.file, `${readFileSync(join(root, entry.file), "utf8")}\n// ${i}\n`);
    await event;
    await learn.check(entry);
    saved.push(performance.now() - start);
  }
await changes.close();
rmSync(folder, { recursive: true, force: true });

const result = {
  exercises: learn.entries.length,
  solved: verdicts.filter(({ passed }) => passed).length,
  ofCode: code.length,
  saves: saved.length,
  afterSaveMs: median(saved),
  slowestSaveMs: Math.max(...saved),
  checkAllSeconds,
};
console.log(JSON.stringify(result));
