/** Loaded before a script by `tensorgrad profile`: profiles the process from here to its end. */
import { writeFileSync, writeSync } from "node:fs";
import { isMainThread } from "node:worker_threads";
import { measureCeilings, type ProfileRun, profile } from "../15-profiling/index.ts";
import { here, type ProfileWishes, WISHES } from "./profile.ts";

function report(run: ProfileRun, { top, json, page, trace }: ProfileWishes): void {
  const result = run.stop();
  if (result.rows.length === 0) {
    writeSync(
      2,
      `profile: no operation ran of the library in ${here()} — the script must import the same installation of tensorgrad\n`,
    );
    return;
  }
  const ceilings = measureCeilings();
  writeSync(1, `\n${result.table({ limit: top })}\n\n${result.bottlenecks(ceilings).join("\n")}\n`);
  if (trace !== null) writeFileSync(trace, result.trace());
  if (page !== null) writeFileSync(page, result.page(process.argv[1] ?? "profile", ceilings));
  if (json) writeSync(1, `${JSON.stringify({ ...result.toJSON(), ceilings })}\n`);
}

const given = process.env[WISHES];
if (isMainThread && given !== undefined) {
  delete process.env[WISHES]; // programs that the script starts are not profiled
  const run = profile({ trim: true });
  process.once("exit", () => report(run, JSON.parse(given) as ProfileWishes));
}
