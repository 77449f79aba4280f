import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { median } from "tensorgrad/runtime";
import { report } from "../../lib/measure.ts";

/**
 * Note on packages: how long after its start a program has its first product, in fresh processes of Node with the built package
 * (`npm run build`); the same processes without it are what Node itself takes.
 */
const ROUNDS = 15;
const entry = fileURLToPath(new URL("../../../tensorgrad/dist/entries/index.js", import.meta.url));
if (!existsSync(entry)) throw new Error("first-matmul: the package is not built — npm run build");

const program = `
  const started = performance.now();
  const { tensor } = await import(${JSON.stringify(entry)});
  const imported = performance.now() - started;
  tensor([[1, 2], [3, 4]]).matmul(tensor([[1], [1]])).toArray();
  const { randn } = await import(${JSON.stringify(entry)});
  const small = performance.now() - started;
  randn([64, 64]).matmul(randn([64, 64])).toArray();
  console.log(JSON.stringify({ imported, small, large: performance.now() - started }));`;

const found = Array.from({ length: ROUNDS }, () => {
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", program], {
    encoding: "utf8",
  });
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout) as Record<"imported" | "small" | "large", number>;
});
const of = (name: "imported" | "small" | "large"): number =>
  Math.round(median(found.map((one) => one[name])));

report({
  importMs: of("imported"),
  firstMatmulMs: of("small"),
  firstLargeMatmulMs: of("large"), // the first one that looks for a BLAS
  rounds: ROUNDS,
});
