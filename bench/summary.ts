import { significant } from "tensorgrad/benchmarking";
import { type Case, inUnit, type Workload } from "./cases.ts";
import type { Result } from "./table.ts";

type Figure = number | null;

const rates = ["naive", "micro", "simd1", "simd2", "blas1", "cblas1"] as const;
const trainers = ["simd1", "simd2", "blas1", "jaxjs", "tfjsWasm", "torch1"] as const;
const steppers = [
  "simd1",
  "simd2",
  "blas1",
  "blas2",
  "torch1",
  "torch2",
  "torch1ChannelsLast",
  "jaxjs",
] as const;
const writers = ["simd1", "blas1", "blas2", "torch1", "torch2", "jaxjs"] as const;
const lookers = ["simd1", "blas1", "torch1", "onnxruntime"] as const;
const passes = ["copy", "add", "relu", "mul"] as const;
const functions = ["exp", "tanh", "gelu", "sigmoid", "geluTanh"] as const;

/** Whose figures of a workload the summary has: in a quick run of that workload alone, nobody else is started. */
export const wantedIn: Readonly<Record<Workload, readonly string[]>> = {
  gemm: rates,
  mlp: trainers,
  cnn: [...steppers, ...lookers],
  gpt: writers,
};

type Figures<Names extends readonly string[]> = Readonly<Record<Names[number], Figure>>;

/** What the measures of the project are read from: medians of one run; null for what there is not. */
export interface Summary {
  /** GFLOP/s of a product of two 512×512 matrices. */
  readonly gemm512: Figures<typeof rates>;
  /** GB/s read and written, 16 Mi float32; copy is a plain copy between ordinary arrays. */
  readonly bandwidth: Figures<typeof passes>;
  /** Times faster than a loop over `Math.*`, 1 Mi elements, one thread. */
  readonly speedupOverMath: Figures<typeof functions>;
  /** Of recording the sum of two tensors of four elements. */
  readonly overheadUs: Figure;
  /** One training step of 784-128-10, batch 64, SGD. */
  readonly mlpStepMs: Figures<typeof trainers>;
  /** One training step of 784-512-512-10, batch 128, Adam. */
  readonly mlpAdamStepMs: Figures<typeof trainers>;
  /** One training step of convolutions 32-64-128, batch 64, SGD with momentum. */
  readonly cnnStepMs: Figures<typeof steppers>;
  /** The same of 64-128-256 with batch norm. */
  readonly cnnBnStepMs: Figures<typeof steppers>;
  /** Looking at one image, and at 64: convolutions 32-64-128, without gradients. */
  readonly cnnInferMs: { readonly b1: Figures<typeof lookers>; readonly b64: Figures<typeof lookers> };
  /** One training step of a GPT: 4 layers of 128, context 64, batch 12; and 6 of 192, context 128, batch 16; AdamW. */
  readonly gptStepMs: { readonly small: Figures<typeof writers>; readonly medium: Figures<typeof writers> };
  /** 200 tokens from one by the small GPT with a context of 256, greedy, one thread. */
  readonly generate200Ms: Figures<readonly ["cache", "noCache", "torchCache"]>;
}

export function summarize(results: readonly Result[]): Summary {
  const figure = (name: string, contender: string): Figure => {
    const result = results.find((one) => one.case.name === name);
    return result ? rounded(result.case, result.seconds[contender] ?? null) : null;
  };
  const speedup = (name: string): Figure => {
    const seconds = results.find((one) => one.case.name === name)?.seconds;
    return seconds?.naive && seconds.simd1 ? significant(seconds.naive / seconds.simd1) : null;
  };
  const pick = <const Names extends readonly string[]>(names: Names, of: (name: Names[number]) => Figure) =>
    Object.fromEntries(names.map((name) => [name, of(name)])) as Figures<Names>;
  return {
    gemm512: pick(rates, (contender) => figure("gemm 512 NN", contender)),
    bandwidth: pick(passes, (op) => figure(`${op} 16 M`, op === "copy" ? "naive" : "simd1")),
    speedupOverMath: pick(functions, (op) => speedup(`${op} 1 M`)),
    overheadUs: figure("add 4 recorded", "simd1"),
    mlpStepMs: pick(trainers, (contender) => figure("mlp 784-128-10", contender)),
    mlpAdamStepMs: pick(trainers, (contender) => figure("mlp 784-512-512-10", contender)),
    cnnStepMs: pick(steppers, (contender) => figure("cnn 32-64-128 step 64", contender)),
    cnnBnStepMs: pick(steppers, (contender) => figure("cnn 64-128-256 bn step 64", contender)),
    cnnInferMs: {
      b1: pick(lookers, (contender) => figure("cnn 32-64-128 infer 1", contender)),
      b64: pick(lookers, (contender) => figure("cnn 32-64-128 infer 64", contender)),
    },
    gptStepMs: {
      small: pick(writers, (contender) => figure("gpt small", contender)),
      medium: pick(writers, (contender) => figure("gpt medium", contender)),
    },
    generate200Ms: {
      cache: figure("gpt generate 200, cache", "blas1"),
      noCache: figure("gpt generate 200", "blas1"),
      torchCache: figure("gpt generate 200, cache", "torch1"),
    },
  };
}

const rounded = (one: Case, seconds: number | null): Figure =>
  seconds === null ? null : significant(inUnit(one, seconds));
