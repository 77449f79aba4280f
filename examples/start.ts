/**
 * The main job: the whole path once, from a scalar to a verified network.
 *
 *   npm start
 *
 * XOR with the scalar engine, an MLP on digits with the tensor engine, and both networks again in ONNX Runtime.
 * Writes out/index.html, which opens from disk, and out/mlp.onnx. Needs no network.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Option } from "commander";
import { type ParityReport, parity } from "gradverify";
import { exportOnnx } from "tensorgrad/onnx";
import { count, missedRows, type Section, summaryText } from "tensorgrad/plots";
import { writeDurably } from "tensorgrad/runtime/node";
import { progressDisplay } from "tensorgrad/train/node";
import { type MlpRun, TARGETS, testImages, trainMlp } from "./02-mlp.ts";
import { environment } from "./lib/environment.ts";
import { exampleOptions, finish, isMain, refuse } from "./lib/options.ts";
import { mlpRow, mlpSection } from "./lib/sections/mlp.ts";
import { parityRow, paritySection } from "./lib/sections/parity.ts";
import { xorRow, xorSection } from "./lib/sections/xor.ts";
import { type XorParity, xorParity, xorParityRow, xorParitySection } from "./lib/sections/xor-parity.ts";
import { writePage } from "./lib/write-page.ts";
import { trainXor, type XorRun } from "./xor.ts";

const MODEL = "mlp.onnx";
const LEAD =
  "Two engines and one idea: remember how every number was made, walk those memories in reverse, add up the " +
  "gradients. Everything here was computed by the program that wrote this page.";

async function main(): Promise<void> {
  const options = exampleOptions<{ out?: string }>(
    "start",
    "The main job: XOR with the scalar engine, an MLP on digits, parity with ONNX Runtime",
    [
      new Option(
        "--out <dir>",
        "where the page and the model are written (default: out, out/quick with --quick)",
      ),
    ],
  );
  const { quick, seed, json } = options;
  const { out = quick ? join("out", "quick") : "out" } = options; // a quick run leaves the page of a full one alone
  prepare(out);
  const started = performance.now();
  const xor = runXor(seed, quick);
  const [scalars, scalarSeconds] = await timed(() => xorParity(xor.model, seed));
  const [mlp, mlpSeconds] = await timed(() => runMlp(seed, quick));
  const [report, paritySeconds] = await timed(() => runParity(mlp, join(out, MODEL)));

  const rows = [
    xorRow(xor),
    xorParityRow(scalars, scalarSeconds),
    mlpRow(mlp, TARGETS[mlp.dataset][quick ? "quick" : "full"], mlpSeconds),
    parityRow(report, paritySeconds),
  ];
  const page = join(out, "index.html");
  writePage(page, {
    title: "From a scalar to a verified network",
    lead: LEAD,
    summary: rows,
    sections: [
      await xorSection(xor),
      xorParitySection(scalars),
      mlpSection(mlp),
      paritySection(report, MODEL),
      about(seed, quick, mlp),
    ],
  });
  finish({
    json,
    summary: `\n${summaryText(rows)}\n\nOpen ${page} in a browser; the trained model is ${join(out, MODEL)}.`,
    result: { ...resultOf(xor, scalars, mlp, report), seconds: (performance.now() - started) / 1000, page },
    misses: missedRows(rows),
  });
}

/** A folder that cannot be written is better known before the training than after. */
function prepare(out: string): void {
  try {
    mkdirSync(out, { recursive: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    refuse(`start --out ${out}: ${reason} — expected a folder, or a path where one can be made`);
  }
}

function runXor(seed: number, quick: boolean): XorRun {
  console.log("\nXOR with the scalar engine");
  const steps = quick ? 200 : 500;
  return trainXor({
    seed,
    steps,
    onStep: ({ step, loss, accuracy }) => {
      if ((step + 1) % (steps / 5) !== 0) return;
      console.log(`step ${step + 1}/${steps}  loss ${loss.toFixed(4)}, ${4 * accuracy} of 4`);
    },
  });
}

async function runMlp(seed: number, quick: boolean): Promise<MlpRun> {
  console.log("\nMLP on digits with the tensor engine");
  using display = await progressDisplay();
  return await trainMlp({ seed, quick, onProgress: display.onProgress });
}

async function runParity(run: MlpRun, path: string): Promise<ParityReport> {
  console.log("\nParity with ONNX Runtime");
  const images = testImages(run);
  await writeDurably(path, exportOnnx(run.model, images.narrow(0, 0, 2)));
  return parity(run.model, images);
}

function resultOf(xor: XorRun, { points, training }: XorParity, mlp: MlpRun, report: ParityReport) {
  return {
    xorAccuracy: xor.accuracy,
    xorLinearAccuracy: xor.linearAccuracy,
    xorParity: points.relative,
    xorTrainingParity: training.maxAbs,
    dataset: mlp.dataset,
    testAccuracy: mlp.testAccuracy,
    testImages: mlp.test.length,
    equalPredictions: report.equalPredictions?.equal ?? 0,
    parityMaxAbs: report.maxAbs,
  };
}

function about(seed: number, quick: boolean, { dataset, test }: MlpRun): Section {
  return {
    title: "Where and how",
    table: {
      head: ["", ""],
      rows: [
        ["command", `npm start -- ${quick ? "--quick " : ""}--seed ${seed}`],
        ["seed", String(seed)],
        ["data", `${dataset === "mnist" ? "MNIST" : "synthetic digits"}, ${count(test.length)} test images`],
        ...environment(),
      ],
    },
  };
}

/** What a job returns, and the seconds it took. */
async function timed<T>(job: () => Promise<T>): Promise<[result: T, seconds: number]> {
  const started = performance.now();
  return [await job(), (performance.now() - started) / 1000];
}

if (isMain(import.meta.url)) await main();
