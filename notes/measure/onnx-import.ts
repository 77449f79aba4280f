import { existsSync } from "node:fs";
import { operators } from "tensorgrad/onnx";
import { fuzz } from "../../tensorgrad/tests/onnx/mutations.fixture.ts";
import { runSuite } from "../../verify/src/onnx/nodes.ts";
import { suiteFolder } from "../../verify/src/onnx/suite.ts";
import { report } from "../lib/measure.ts";

/**
 * Note on files of others: ONNX's own tests of operators, and what becomes of mutated files. `ONNX_FUZZ` is how many are imported
 * (a million takes an hour); every tenth is run, too.
 */

const files = Number(process.env.ONNX_FUZZ ?? 30_000);
const before = process.memoryUsage.rss();
const imported = fuzz(files, 1, { run: false });
const grownMB = Math.round((process.memoryUsage.rss() - before) / 2 ** 20);
const run = fuzz(files / 10, 1);
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
