import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { operators } from "tensorgrad/onnx";
import { writeDurablySync } from "tensorgrad/runtime/node";
import { fuzz, type Outcomes } from "../../tensorgrad/tests/onnx/mutations.fixture.ts";
import { runSuite } from "../../verify/src/onnx/nodes.ts";
import { suiteFolder } from "../../verify/src/onnx/suite.ts";
import { report } from "../lib/measure.ts";

/**
 * Note on files of others: ONNX's own tests of operators, and what becomes of mutated files. `ONNX_FUZZ` is how many are imported
 * (a million takes an hour), `ONNX_FUZZ_MINUTES` when to stop at the latest. What was done lies in `out/`, and the next run goes on
 * from there: the log counts what was done in fact. A tenth as many are run, too.
 */

const wanted = Number(process.env.ONNX_FUZZ ?? 30_000);
const deadline = performance.now() + 60_000 * Number(process.env.ONNX_FUZZ_MINUTES ?? 600);
const CHUNK = 2_000;

/** All that was ever imported from these seeds, this run's included. */
function imports(): Outcomes {
  const out = join(import.meta.dirname, "../../out");
  const file = join(out, "onnx-import-fuzz.json");
  mkdirSync(out, { recursive: true });
  let all: Outcomes = existsSync(file)
    ? (JSON.parse(readFileSync(file, "utf8")) as Outcomes)
    : { files: 0, refused: 0, complained: 0, ran: 0, strange: [], longest: 0 };
  while (all.files < wanted && performance.now() < deadline) {
    const { strange, longest, ...counts } = fuzz(Math.min(CHUNK, wanted - all.files), 1 + all.files, {
      run: false,
    });
    all = {
      files: all.files + counts.files,
      refused: all.refused + counts.refused,
      complained: all.complained + counts.complained,
      ran: all.ran + counts.ran,
      strange: [...all.strange, ...strange].slice(0, 20),
      longest: Math.max(all.longest, longest),
    };
    writeDurablySync(file, JSON.stringify(all));
  }
  return all;
}

const before = process.memoryUsage.rss();
const imported = imports();
const grownMB = Math.round((process.memoryUsage.rss() - before) / 2 ** 20);
const run = fuzz(Math.min(imported.files, wanted) / 10, 1);
const count = (verdict: string): number => results.filter((result) => result.verdict === verdict).length;
const results = existsSync(suiteFolder()) ? runSuite() : [];

report({
  operators: Object.keys(operators).length,
  suite: {
    total: results.length,
    passed: count("passed"),
    failed: count("failed"),
    unsupported: count("unsupported"),
  },
  imported: { ...imported, longest: Math.round(imported.longest), grownMB },
  run: { ...run, longest: Math.round(run.longest) },
  measured: "while other programs ran on the same cores",
});
