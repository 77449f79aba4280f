/** What is measured: plain data, so that a contender in any language can read it. */

export type Layout = "NN" | "NT" | "TN" | "TT";
export type Elementwise =
  | "copy"
  | "add"
  | "mul"
  | "relu"
  | "sum"
  | "exp"
  | "tanh"
  | "gelu"
  | "geluTanh"
  | "sigmoid";
export type Fused = "softmax" | "crossEntropy" | "gelu";

/** Operations on a handful of elements. */
export type Small =
  | "add"
  | "add a number"
  | "bias"
  | "view"
  | "chain"
  | "backward"
  | "scope"
  | "noGrad"
  | "noGrad of a function";

/** The width of a GPT's vectors, and how many positions it sees. */
export interface GptSizes {
  readonly layers: number;
  readonly heads: number;
  readonly width: number;
  readonly context: number;
}

export type Work =
  /** C = A·B, all of them [size, size]; T: that operand is stored transposed. */
  | { readonly kind: "gemm"; readonly size: number; readonly layout: Layout }
  /** Over `size` elements; gelu is exact, geluTanh the approximation of GPT-2. */
  | { readonly kind: "elementwise"; readonly op: Elementwise; readonly size: number }
  /** Forward and backward over [rows, cols]; gelu in its exact form. */
  | { readonly kind: "fused"; readonly op: Fused; readonly rows: number; readonly cols: number }
  /** Forward, cross-entropy, backward and update of a network with ReLU between its layers. */
  | {
      readonly kind: "mlp";
      readonly widths: readonly number[];
      readonly batch: number;
      readonly optimizer: "sgd" | "adam";
    }
  /**
   * Three times convolution 3×3, pooling, batch norm where wanted, ReLU; then a line to ten classes, on images of 3×32×32.
   * A step is forward, cross-entropy, backward and SGD with momentum; `infer` only looks forward, without gradients.
   */
  | {
      readonly kind: "cnn";
      readonly widths: readonly [number, number, number];
      readonly batchNorm: boolean;
      readonly batch: number;
      readonly pass: "step" | "infer";
    }
  /**
   * A GPT of learned positions, layer norm, gelu (tanh's form) and a tied head, for 65 characters. A step is forward,
   * cross-entropy, backward and AdamW.
   */
  | ({ readonly kind: "gpt"; readonly batch: number } & GptSizes)
  /** 200 tokens from one, greedy, by the same model. */
  | ({ readonly kind: "generate"; readonly cache: boolean } & GptSizes)
  /** The sum of two tensors of four elements, recorded for a backward pass. */
  | { readonly kind: "tiny" }
  /** What a library does around the arithmetic; compared between revisions only. */
  | { readonly kind: "small"; readonly op: Small };

/** What `--only` chooses from; the other cases belong to none of them. */
export const WORKLOADS = ["gemm", "mlp", "cnn", "gpt"] as const;
export type Workload = (typeof WORKLOADS)[number];

/** What `--only` knows a piece of work as. */
export const workloadOf = ({ kind }: Work): string => (kind === "generate" ? "gpt" : kind);

export type Unit = "GFLOP/s" | "GB/s" | "ms" | "µs";

export interface Case {
  readonly name: string;
  readonly unit: Unit;
  readonly work: Work;
  /** Floating-point operations or bytes (read and written) of one call; 1 where time itself is the result. */
  readonly amount: number;
  /** Calls per sample, so that a sample is long against the resolution of the clock. */
  readonly repeat: number;
}

const MILLION = 2 ** 20;
const layouts: readonly Layout[] = ["NN", "NT", "TN", "TT"];

/** Samples of small products are about 4 MFLOP long. */
function gemm(size: number, layout: Layout): Case {
  const amount = 2 * size ** 3;
  const repeat = Math.max(1, Math.round(4e6 / amount));
  return {
    name: `gemm ${size} ${layout}`,
    unit: "GFLOP/s",
    work: { kind: "gemm", size, layout },
    amount,
    repeat,
  };
}

/** Arrays that an operation reads and writes. */
const passes: Readonly<Partial<Record<Elementwise, number>>> = { copy: 2, add: 3, mul: 3, relu: 2, sum: 1 };

const bandwidth = (op: Elementwise): Case => ({
  name: `${op} 16 M`,
  unit: "GB/s",
  work: { kind: "elementwise", op, size: 16 * MILLION },
  amount: (passes[op] ?? 2) * 4 * 16 * MILLION,
  repeat: 1,
});

const math = (op: Elementwise): Case => ({
  name: `${op} 1 M`,
  unit: "ms",
  work: { kind: "elementwise", op, size: MILLION },
  amount: 1,
  repeat: 1,
});

const fused = (op: Fused, rows: number, cols: number): Case => ({
  name: `${op} ${rows}×${cols}`,
  unit: "ms",
  work: { kind: "fused", op, rows, cols },
  amount: 1,
  repeat: 1,
});

const mlp = (widths: readonly number[], batch: number, optimizer: "sgd" | "adam"): Case => ({
  name: `mlp ${widths.join("-")}`,
  unit: "ms",
  work: { kind: "mlp", widths, batch, optimizer },
  amount: 1,
  repeat: 1,
});

const tiny: Case = { name: "add 4 recorded", unit: "µs", work: { kind: "tiny" }, amount: 1, repeat: 1000 };

const cnn = (
  widths: readonly [number, number, number],
  batchNorm: boolean,
  batch: number,
  pass: "step" | "infer",
): Case => ({
  name: `cnn ${widths.join("-")}${batchNorm ? " bn" : ""} ${pass} ${batch}`,
  unit: "ms",
  work: { kind: "cnn", widths, batchNorm, batch, pass },
  amount: 1,
  repeat: 1,
});

const cnnCases: readonly Case[] = [
  cnn([32, 64, 128], false, 64, "step"),
  cnn([64, 128, 256], true, 64, "step"),
  cnn([32, 64, 128], false, 1, "infer"),
  cnn([32, 64, 128], false, 64, "infer"),
];

const small4 = { layers: 4, heads: 4, width: 128 } as const;

const gpt = (name: string, batch: number, sizes: GptSizes): Case => ({
  name: `gpt ${name}`,
  unit: "ms",
  work: { kind: "gpt", batch, ...sizes },
  amount: 1,
  repeat: 1,
});

const generate = (cache: boolean): Case => ({
  name: `gpt generate 200${cache ? ", cache" : ""}`,
  unit: "ms",
  work: { kind: "generate", cache, ...small4, context: 256 },
  amount: 1,
  repeat: 1,
});

const gptCases: readonly Case[] = [
  gpt("small", 12, { ...small4, context: 64 }),
  gpt("medium", 16, { layers: 6, heads: 6, width: 192, context: 128 }),
  generate(true),
  generate(false),
];

/** What the measures of the project are taken from. */
export const quickCases: readonly Case[] = [
  gemm(512, "NN"),
  ...(["copy", "add", "relu", "mul"] as const).map(bandwidth),
  ...(["exp", "tanh", "gelu", "geluTanh", "sigmoid"] as const).map(math),
  tiny,
  mlp([784, 128, 10], 64, "sgd"),
  mlp([784, 512, 512, 10], 128, "adam"),
  ...cnnCases,
  ...gptCases,
];

export const allCases: readonly Case[] = [
  ...[16, 32, 64, 128, 256, 512, 1024].flatMap((size) => layouts.map((layout) => gemm(size, layout))),
  ...(["copy", "add", "relu", "mul", "sum"] as const).map(bandwidth),
  ...(["exp", "tanh", "gelu", "geluTanh", "sigmoid"] as const).map(math),
  fused("softmax", 1024, 1024),
  fused("crossEntropy", 1024, 1024),
  fused("gelu", 1024, 1024),
  tiny,
  mlp([784, 128, 10], 64, "sgd"),
  mlp([784, 512, 512, 10], 128, "adam"),
  ...cnnCases,
  ...gptCases,
];

const small = (op: Small): Case => ({
  name: `small: ${op}`,
  unit: "µs",
  work: { kind: "small", op },
  amount: 1,
  repeat: 100,
});

/** What two revisions of this library are compared in: little work, where overhead shows, and samples of all other kinds. */
export const revisionCases: readonly Case[] = [
  ...(
    [
      "add",
      "add a number",
      "bias",
      "view",
      "chain",
      "backward",
      "scope",
      "noGrad",
      "noGrad of a function",
    ] as const
  ).map(small),
  mlp([8, 16, 10], 4, "sgd"),
  mlp([8, 16, 10], 4, "adam"),
  ...[16, 64, 256, 512].flatMap((size) => layouts.map((layout) => gemm(size, layout))),
  ...(["copy", "add", "relu", "mul", "sum"] as const).map(bandwidth),
  ...(["exp", "tanh", "gelu", "geluTanh", "sigmoid"] as const).map(math),
  ...(["softmax", "crossEntropy", "gelu"] as const).map((op) => fused(op, 1024, 1024)),
  mlp([784, 128, 10], 64, "sgd"),
  mlp([784, 512, 512, 10], 128, "adam"),
];

/** Seconds per call in the unit of the case. */
export function inUnit({ unit, amount }: Pick<Case, "unit" | "amount">, seconds: number): number {
  if (unit === "ms") return seconds * 1e3;
  return unit === "µs" ? seconds * 1e6 : amount / seconds / 1e9;
}
