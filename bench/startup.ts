import { spawnSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { medianOf } from "tensorgrad/benchmarking";

const root = fileURLToPath(new URL("..", import.meta.url));
const output = join(root, "out/bench/package");

/** Run by a fresh Node, on the package as it is published: JavaScript, one file per module. */
const PROGRAM = (entry: string) => `
  const start = performance.now();
  const { tensor } = await import(${JSON.stringify(entry)});
  tensor([[1, 2], [3, 4]]).matmul(tensor([[5, 6], [7, 8]]));
  console.log(performance.now() - start);
`;

/** Milliseconds from the import of the package to its first matrix product; null if it cannot be built. */
export function startup(runs: number): number | null {
  rmSync(output, { recursive: true, force: true });
  const compiler = join(
    dirname(createRequire(import.meta.url).resolve("typescript/package.json")),
    "bin/tsc",
  );
  const project = join(root, "tensorgrad/tsconfig.build.json");
  spawnSync(process.execPath, [compiler, "-p", project, "--outDir", output], { cwd: root });
  const entry = join(output, "index.js");
  if (!existsSync(entry)) return null;
  const program = PROGRAM(pathToFileURL(entry).href);
  const times: number[] = [];
  for (let i = 0; i < runs; i++) {
    const run = spawnSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8" });
    if (run.status === 0) times.push(Number(run.stdout.trim().split("\n").at(-1)));
  }
  return medianOf(times);
}
