import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { basename, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import {
  type BlasReport,
  blas,
  CORETYPE,
  heap,
  isNarrow,
  type KernelLevel,
  kernelChoice,
  kernelLevel,
  scope,
  showBytes,
  type ThreadReport,
  threads,
  widestCore,
} from "../00-runtime/index.ts";
import { ones } from "../01-tensor/index.ts"; // and the reference kernel that a BLAS is checked against
import { MNIST } from "../08-data/node.ts";

/** What this machine has to offer and what tensorgrad makes of it. */
export interface Diagnosis {
  readonly platform: string;
  readonly cores: number;
  /** Versions by package; null where it is not installed. */
  readonly versions: Readonly<Record<"tensorgrad" | "node" | "koffi" | "onnxruntime-node", string | null>>;
  /** Bits of the vectors that the own kernels compute in; 0 for plain TypeScript. */
  readonly simd: 0 | 128;
  /** The build of the kernels; off where TENSORGRAD_SIMD says so, null where the runtime has no SIMD. */
  readonly level: KernelLevel | "off" | null;
  readonly threads: ThreadReport;
  readonly blas: BlasReport & {
    /** The environment's `OPENBLAS_CORETYPE`, which overrides OpenBLAS' choice of kernels. */
    readonly coretype: string | null;
    /** The widest of OpenBLAS' kernels that this processor runs; null where that is unknown. */
    readonly widest: string | null;
  };
  /** In bytes. */
  readonly memory: { readonly live: number; readonly limit: number };
  /** The images of MNIST, or why there are none. */
  readonly data: { readonly mnist: Images | null; readonly why: string | null };
}

interface Images {
  readonly train: number;
  readonly test: number;
}

/** Looks at everything; loads the BLAS and reads the data sets, checksums included. */
export async function examine(environment: NodeJS.ProcessEnv = process.env): Promise<Diagnosis> {
  return {
    platform: `${process.platform} ${process.arch}`,
    cores: availableParallelism(),
    versions: {
      tensorgrad: versionIn(fileURLToPath(new URL("../..", import.meta.url))),
      node: process.versions.node,
      koffi: versionOf("koffi"),
      "onnxruntime-node": versionOf("onnxruntime-node"),
    },
    simd: heap.wasm && kernelChoice() === "simd" ? 128 : 0,
    level: environment.TENSORGRAD_SIMD === "off" ? "off" : kernelLevel(),
    threads: await startedThreads(),
    blas: { ...blasReport(), coretype: environment[CORETYPE] || null, widest: widestCore() },
    memory: { live: heap.live, limit: heap.limit },
    data: await dataSets(),
  };
}

/** Prints as a table for people, with what could be better below it. */
export function render(diagnosis: Diagnosis): string {
  const { versions, platform, cores, threads, memory, data } = diagnosis;
  const packages = (["koffi", "onnxruntime-node"] as const).map((name) => `${name} ${versions[name] ?? "–"}`);
  const rows = [
    ["machine", `${platform}, ${cores} cores, Node ${versions.node}`],
    ["kernels", kernelsLine(diagnosis)],
    ["threads", threadsLine(threads)],
    ["BLAS", blasLine(diagnosis.blas)],
    ["memory", `${showBytes(memory.live)} live, at most ${showBytes(memory.limit)}`],
    ["MNIST", data.mnist ? `${data.mnist.train} training and ${data.mnist.test} test images` : "not found"],
    ["packages", packages.join(", ")],
  ];
  const table = rows.map(([what, value]) => `  ${what.padEnd(10)}${value}`);
  const better = advice(diagnosis).map((line) => `  - ${line}`);
  return [
    `tensorgrad ${versions.tensorgrad}`,
    ...table,
    ...(better.length ? ["", "To get more:", ...better] : []),
  ].join("\n");
}

function kernelsLine({ simd, level }: Diagnosis): string {
  if (!simd) return "plain TypeScript";
  return `WebAssembly SIMD, ${simd} bits, ${level === "relaxed" ? "with fused multiply-add" : "baseline"}`;
}

const threadsLine = ({ wanted, working, failure }: ThreadReport): string =>
  working === wanted ? String(working) : `${working} instead of ${wanted}${failure ? ` (${failure})` : ""}`;

/** Threads start when there is work for them: gives them some, and two seconds. */
async function startedThreads(): Promise<ThreadReport> {
  try {
    for (const end = performance.now() + 2000; performance.now() < end; ) {
      const { wanted, working, failure } = threads();
      if (working === wanted || failure !== null) break;
      using _scope = scope();
      ones([2 ** 20]).exp();
      await setTimeout(5);
    }
    return threads();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { wanted: 1, working: 1, failure: error.message };
  }
}

function blasLine({ library, setting }: Diagnosis["blas"]): string {
  if (!library) return setting === "off" ? "off" : "none, products run on the kernels above";
  const name = [library.name, library.version].filter(Boolean).join(" ");
  const own = library.instead ? ` (by itself it takes ${library.instead})` : "";
  const core = library.core ? ` for ${library.core}${own}` : "";
  return `${name}${core}, ${library.path}, agrees with the reference kernel`;
}

/** What would make it faster or more complete, one sentence each. */
export function advice({ simd, level, blas, data, platform, versions }: Diagnosis): string[] {
  const lines: string[] = [];
  if (level === "off") lines.push("kernels: they are switched off; unset TENSORGRAD_SIMD");
  else if (!simd)
    lines.push("kernels: this runtime lacks WebAssembly SIMD or shared memory; use Node 20.19 or later");
  else if (level === "baseline")
    lines.push(
      "kernels: the baseline build, without fused multiply-add; unset TENSORGRAD_SIMD, or use Node 20.19 or later",
    );
  if (blas.setting === "off") lines.push("BLAS: it is switched off; unset TENSORGRAD_BLAS");
  else if (!blas.library) {
    lines.push(...blas.refused.map((reason) => `BLAS: ${reason}`));
    const remedy = install[platform.split(" ")[0]] ?? "set TENSORGRAD_BLAS to the path of a library";
    if (versions.koffi) lines.push(`BLAS: ${remedy}`);
  }
  if (blas.library?.name === "OpenBLAS") lines.push(...coreAdvice(blas, blas.library.core));
  if (data.why) lines.push(data.why);
  if (!versions["onnxruntime-node"])
    lines.push("onnxruntime-node is not installed; exported models run in it, and verify compares with it");
  return lines;
}

/** OpenBLAS takes the kernels that it is told to, or those of another processor where it does not know this one. */
function coreAdvice({ coretype, widest }: Diagnosis["blas"], core: string): string[] {
  if (widest !== null && !isNarrow(core, widest)) return [];
  if (coretype)
    return [
      `BLAS: ${CORETYPE}=${coretype} holds OpenBLAS to that processor's kernels, often at half the speed; unset it`,
    ];
  if (widest === null) return [];
  return [
    `BLAS: OpenBLAS computes with kernels for ${core}, this processor runs those for ${widest}, with vectors twice as ` +
      `wide or more; set ${CORETYPE}=${widest}`,
  ];
}

const install: Readonly<Record<string, string>> = {
  linux: "install OpenBLAS (Debian, Ubuntu: apt install libopenblas0-pthread; Fedora: dnf install openblas)",
  darwin: "Accelerate is a part of macOS and was not accepted; brew install openblas",
  win32: "put libopenblas.dll on the PATH, or its path into TENSORGRAD_BLAS",
};

/** A setting that means nothing is a finding like any other. */
function blasReport(): BlasReport {
  try {
    const report = blas();
    const { library } = report;
    return { ...report, library: library && { ...library, path: loadedFrom(library.path) } };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const setting = process.env.TENSORGRAD_BLAS ?? "";
    return { setting, library: null, refused: [error.message] };
  }
}

/** The file behind a name that the system's loader searched for; Linux lists what a process has mapped. */
function loadedFrom(path: string): string {
  if (process.platform !== "linux" || path.includes("/")) return path;
  const stem = basename(path).split(".so")[0];
  const files = readFileSync("/proc/self/maps", "utf8").match(/\/\S+$/gm) ?? [];
  return files.find((file) => basename(file).startsWith(stem)) ?? path;
}

async function dataSets(): Promise<Diagnosis["data"]> {
  try {
    const [train, test] = [
      await MNIST.load({ split: "train", download: false }),
      await MNIST.load({ split: "test", download: false }),
    ];
    return { mnist: { train: train.length, test: test.length }, why: null };
  } catch (error) {
    return { mnist: null, why: (error as Error).message };
  }
}

/** A package's version, without loading it. */
function versionOf(name: string): string | null {
  const folders = createRequire(import.meta.url).resolve.paths(name) ?? [];
  for (const folder of folders) {
    const version = versionIn(join(folder, name));
    if (version) return version;
  }
  return null;
}

function versionIn(folder: string): string | null {
  try {
    return (JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version: string }).version;
  } catch {
    return null;
  }
}
