import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { arch, cpus, platform } from "node:os";
import { basename, join } from "node:path";
import { writeDurably } from "tensorgrad/runtime/node";
import { root } from "./markdown.ts";

/** Who trains networks at a speed worth waiting for; four minutes are enough for all of them. */
const learners = "simd1,simd2,blas1,blas2,torch1,torch2,torch1ChannelsLast,jaxjs";

/**
 * Runs the programs whose numbers the READMEs and notes quote, one after the other, and writes their results with
 * machine, versions and command to `notes/logs/`. Give names to record only those.
 *
 * Beside the programs listed here: every `<name>.ts` in `notes/measure/` and its folders but micrograd's, which fills its own README.
 */
const listed: Readonly<Record<string, string>> = {
  xor: "examples/xor.ts --json",
  perceptron: "examples/01-perceptron.ts --json",
  mlp: "examples/02-mlp.ts --json",
  cnn: "examples/03-cnn.ts --keep --json", // two hours, or two minutes where `out/03-cnn` holds the training
  tinygpt: "examples/04-tinygpt.ts --json", // an hour, or a minute where `out/04-tinygpt` holds the finished training
  "13-samples": "notes/measure/trained/13-samples.ts", // seconds, where `out/04-tinygpt` holds the training's checkpoints
  capstone: "examples/05-capstone.ts --keep --json", // an hour, or minutes where `out/05-capstone` holds the training
  start: "examples/start.ts --json",
  verify: "verify/src/cli.ts all --json",
  bench: "bench/run.ts --quick --json",
  "bench-cnn": `bench/run.ts --only cnn --minutes 4 --json --contenders ${learners},onnxruntime`,
  "bench-gpt": `bench/run.ts --only gpt --minutes 4 --json --contenders ${learners}`,
};

const measures = readdirSync(join(root, "notes/measure"), { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts") && file !== "micrograd.ts")
  .map((file) => [basename(file, ".ts"), `notes/measure/${file}`]);

const programs: Readonly<Record<string, string>> = { ...listed, ...Object.fromEntries(measures) };

const machine = {
  cpu: cpus()[0]?.model ?? "unknown",
  cores: cpus().length,
  platform: `${platform()} ${arch()}`,
  node: process.version,
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in programs));
if (unknown.length > 0) {
  throw new RangeError(`record: ${unknown.join(", ")} — there are ${Object.keys(programs).join(", ")}`);
}
for (const [name, command] of Object.entries(programs)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  console.log(`recording ${name}: ${command}`);
  const start = performance.now();
  const run = spawnSync(process.execPath, ["--import", "tsx", ...command.split(" ")], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  const wallSeconds = (performance.now() - start) / 1000;
  if (run.status !== 0) throw new Error(`${command}: exit code ${run.status}\n${run.stdout}${run.stderr}`);
  const result: unknown = JSON.parse(run.stdout.trimEnd().split("\n").at(-1) ?? "");
  const log = { command, date: new Date().toISOString().slice(0, 10), machine, wallSeconds, result };
  await writeDurably(join(root, `notes/logs/${name}.json`), `${JSON.stringify(log, null, 2)}\n`);
}
