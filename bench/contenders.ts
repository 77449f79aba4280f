import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Workload } from "./cases.ts";

/**
 * Who is measured: each contender is one configuration in a process of its own, because threads and the BLAS are
 * chosen once, when a process starts.
 */
export interface Contender {
  readonly name: string;
  /** Program and arguments; files are in this folder. */
  readonly command: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Only in full runs; or also in quick ones of just these workloads. */
  readonly slow?: true | readonly Workload[];
}

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
const script = (file: string, ...args: string[]): string[] => [
  process.execPath,
  "--import",
  "tsx",
  here(file),
  ...args,
];

/** Libraries with threads of their own are held to one. */
const single = { OPENBLAS_NUM_THREADS: "1", OMP_NUM_THREADS: "1", MKL_NUM_THREADS: "1" };

/** `TENSORGRAD_BLAS` may name the library to measure; what is measured without one ignores it. */
const wantedBlas = (): string => {
  const named = process.env.TENSORGRAD_BLAS;
  return named && named !== "off" ? named : "auto";
};

const engine = (name: string, kernels: string, threads: number, blas: "auto" | "off"): Contender => ({
  name,
  command: script("contenders/tensorgrad.ts", kernels, String(threads), blas),
  environment: {
    ...single,
    TENSORGRAD_THREADS: String(threads),
    TENSORGRAD_BLAS: blas === "auto" ? wantedBlas() : "off",
  },
});

/** A Python that has PyTorch: the first one on the path may be another than the one that the system's packages belong to. */
function pythonWithTorch(): string {
  const look = "import importlib.util, sys; sys.exit(importlib.util.find_spec('torch') is None)";
  const has = (python: string): boolean => spawnSync(python, ["-c", look], { stdio: "ignore" }).status === 0;
  return ["python3", "/usr/bin/python3", "python"].find(has) ?? "python3";
}

const torch = (name: string, threads: number, slow?: readonly Workload[]): Contender => ({
  name,
  command: [
    pythonWithTorch(),
    here("peers/torch_peer.py"),
    String(threads),
    name.endsWith("ChannelsLast") ? "channels_last" : "contiguous",
  ],
  environment: threads === 1 ? single : { OPENBLAS_NUM_THREADS: "1" }, // PyTorch's own threads divide the work
  ...(slow ? { slow } : {}),
});

/** All of them; `threads` is how many the configuration with several threads has. */
export const contenders = (threads: number): readonly Contender[] => [
  { name: "naive", command: script("contenders/naive.ts") },
  { name: "micro", command: script("contenders/micro.ts") },
  { ...engine("reference", "reference", 1, "off"), slow: true },
  engine("simd1", "simd", 1, "off"),
  ...(threads > 1 ? [engine(`simd${threads}`, "simd", threads, "off")] : []),
  engine("blas1", "simd", 1, "auto"),
  ...(threads > 1
    ? [{ ...engine(`blas${threads}`, "simd", threads, "auto"), slow: ["cnn", "gpt"] as const }]
    : []),
  { name: "cblas1", command: script("peers/cblas.ts"), environment: single },
  { name: "jaxjs", command: script("peers/jax.ts") },
  { name: "tfjsWasm", command: script("peers/tfjs.ts", "wasm") },
  { name: "tfjsCpu", command: script("peers/tfjs.ts", "cpu"), slow: true },
  { name: "onnxruntime", command: script("peers/onnxruntime.ts"), slow: ["cnn"] },
  torch("torch1", 1),
  ...(threads > 1 ? [torch(`torch${threads}`, threads, ["cnn", "gpt"])] : []),
  torch("torch1ChannelsLast", 1, ["cnn"]),
];
