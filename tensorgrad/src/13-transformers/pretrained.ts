import { FormatError, show } from "../00-runtime/index.ts";
import { sameShape, type Tensor } from "../01-tensor/index.ts";
import type { FeedForwardActivation } from "./feed-forward.ts";
import type { GPTOptions } from "./gpt-options.ts";
import { type Json, PretrainedFolder } from "./pretrained-files.ts";

// GPT-2 as Hugging Face stores it. Its "Conv1D" is a line whose weight lies [in, out], the transpose of ours; queries, keys and
// values are columns of one such weight.

/** What a folder holds: the options of the model, and its parameters by our names. */
export interface Pretrained {
  readonly options: GPTOptions;
  readonly parameters: Readonly<Record<string, Tensor>>;
}

const ACTIVATION_OF: Readonly<Record<string, FeedForwardActivation>> = {
  gelu_new: "geluTanh",
  gelu_pytorch_tanh: "geluTanh",
  gelu: "gelu",
  relu: "relu",
};

/** Settings that change what is computed, and the only value that is computed here. */
const FIXED: Json = {
  scale_attn_weights: true,
  scale_attn_by_inverse_layer_idx: false,
  add_cross_attention: false,
};

/** Reads the settings and the weights of a folder. Throws  FormatError for what is missing, or of another architecture */
export async function readPretrained(folder: string): Promise<Pretrained> {
  const call = `GPT.fromPretrained(${JSON.stringify(folder)})`;
  const files = new PretrainedFolder(call, folder);
  const options = optionsOf(call, files.json("config.json"));
  return { options, parameters: parametersOf(call, options, files.tensors()) };
}

function optionsOf(call: string, config: Json): GPTOptions {
  const refuse = (name: string, rule: string): never => {
    throw new FormatError(`${call}: config.json says ${name} ${JSON.stringify(config[name])} — ${rule}`);
  };
  if (config.model_type !== "gpt2") refuse("model_type", 'only the architecture "gpt2" is read');
  for (const [name, value] of Object.entries(FIXED))
    if (config[name] !== undefined && config[name] !== value) refuse(name, `only ${value} is computed here`);
  const size = (name: string): number => {
    const value = config[name];
    return Number.isInteger(value) && (value as number) >= 1
      ? (value as number)
      : refuse(name, "an integer ≥ 1");
  };
  const activation = ACTIVATION_OF[String(config.activation_function ?? "gelu_new")];
  if (!activation) refuse("activation_function", `one of ${Object.keys(ACTIVATION_OF).join(", ")}`);
  const embedDim = size("n_embd");
  const normEps = config.layer_norm_epsilon ?? 1e-5;
  if (typeof normEps !== "number" || !(normEps > 0)) refuse("layer_norm_epsilon", "a number above 0");
  return {
    vocabSize: size("vocab_size"),
    embedDim,
    numLayers: size("n_layer"),
    numHeads: size("n_head"),
    maxSeqLen: size("n_positions"),
    mlpRatio: config.n_inner == null ? 4 : size("n_inner") / embedDim,
    activation,
    normEps: normEps as number,
    tied: config.tie_word_embeddings !== false,
  };
}

/** One of our parameters: the tensor it comes from, its shape there, and what is taken of it. */
interface Source {
  readonly name: string;
  readonly shape: readonly number[];
  readonly take: (x: Tensor) => Tensor;
}

function sourcesOf({
  vocabSize,
  embedDim: C,
  numLayers,
  maxSeqLen,
  mlpRatio = 4,
  tied,
}: GPTOptions): Record<string, Source> {
  const hidden = Math.round(mlpRatio * C);
  const whole = (name: string, ...shape: number[]): Source => ({ name, shape, take: (x) => x });
  const sources: Record<string, Source> = {
    "embedding.weight": whole("wte.weight", vocabSize, C),
    "positions.weight": whole("wpe.weight", maxSeqLen, C),
    "norm.weight": whole("ln_f.weight", C),
    "norm.bias": whole("ln_f.bias", C),
    ...(tied ? {} : { "head.weight": whole("lm_head.weight", vocabSize, C) }),
  };
  /** A line, or the part of one that begins at an output. */
  const line = (
    ours: string,
    theirs: string,
    inputs: number,
    outputs: number,
    start = 0,
    count = outputs,
  ) => {
    sources[`${ours}.weight`] = {
      name: `${theirs}.weight`,
      shape: [inputs, outputs],
      take: (x) => x.t().narrow(0, start, count),
    };
    sources[`${ours}.bias`] = {
      name: `${theirs}.bias`,
      shape: [outputs],
      take: (x) => x.narrow(0, start, count),
    };
  };
  for (let i = 0; i < numLayers; i++) {
    const [ours, theirs] = [`blocks.${i}`, `h.${i}`];
    for (const part of ["weight", "bias"]) {
      sources[`${ours}.attentionNorm.${part}`] = whole(`${theirs}.ln_1.${part}`, C);
      sources[`${ours}.mlpNorm.${part}`] = whole(`${theirs}.ln_2.${part}`, C);
    }
    for (const [k, one] of ["q", "k", "v"].entries())
      line(`${ours}.attention.${one}`, `${theirs}.attn.c_attn`, C, 3 * C, k * C, C);
    line(`${ours}.attention.out`, `${theirs}.attn.c_proj`, C, C);
    line(`${ours}.mlp.up`, `${theirs}.mlp.c_fc`, C, hidden);
    line(`${ours}.mlp.down`, `${theirs}.mlp.c_proj`, hidden, C);
  }
  return sources;
}

/** Written beside the parameters by some versions: the causal mask, and the head where it is the embedding. */
const isSpare = (name: string, tied: boolean): boolean =>
  /^h\.\d+\.attn\.(bias|masked_bias)$/.test(name) || (tied && name === "lm_head.weight");

/** Throws  FormatError that lists tensors that are missing, that belong to nothing, or have another shape */
function parametersOf(
  call: string,
  options: GPTOptions,
  stored: Readonly<Record<string, Tensor>>,
): Record<string, Tensor> {
  const tensors = Object.fromEntries(
    Object.entries(stored).map(([name, tensor]) => [name.replace(/^transformer\./, ""), tensor]),
  );
  const sources = sourcesOf(options);
  const known = new Map(Object.values(sources).map((source) => [source.name, source]));
  const faults = {
    missing: [...known.keys()].filter((name) => !tensors[name]),
    unexpected: Object.keys(tensors).filter(
      (name) => !known.has(name) && !isSpare(name, options.tied === true),
    ),
    "of another shape": [...known.values()].flatMap(({ name, shape }) => {
      const found = tensors[name];
      return !found || sameShape(found.shape, shape)
        ? []
        : [`${name} (${show(found.shape)} for ${show(shape)})`];
    }),
  };
  const list = Object.entries(faults).flatMap(([fault, names]) =>
    names.length ? [`${fault}: ${names.join(", ")}`] : [],
  );
  if (list.length)
    throw new FormatError(`${call}: weights, ${list.join("; ")} — tensors must be those of the config`);
  return Object.fromEntries(
    Object.entries(sources).map(([path, { name, take }]) => [path, take(tensors[name]).to("float32")]),
  );
}
