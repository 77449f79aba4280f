import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { distance } from "../../tests/gradients.fixture.ts";
import { Random } from "../00-runtime/index.ts";
import { cat, randint, randn, type Tensor } from "../01-tensor/index.ts";
import { encodeTensors } from "../07-training/index.ts";
import "tensorgrad";
import { GPT } from "./index.ts";

const [C, V, T] = [8, 11, 6];
const config = {
  model_type: "gpt2",
  vocab_size: V,
  n_embd: C,
  n_layer: 2,
  n_head: 2,
  n_positions: T,
  activation_function: "gelu_new",
};

/** Every parameter away from its first values, biases and gains as well. */
function drawn(): GPT {
  const options = {
    vocabSize: V,
    embedDim: C,
    numLayers: 2,
    numHeads: 2,
    maxSeqLen: T,
    activation: "geluTanh",
  } as const;
  const model = new GPT(options);
  const random = new Random(1);
  for (const p of model.parameters()) p.assign(randn(p.shape, { random }));
  return model.eval();
}

/** By the rules of the format: lines lie [in, out], and queries, keys and values are columns of one. */
function stored(model: GPT): Record<string, Tensor> {
  const state = model.stateDict();
  const files: Record<string, Tensor> = {
    "wte.weight": state["embedding.weight"],
    "wpe.weight": state["positions.weight"],
    "ln_f.weight": state["norm.weight"],
    "ln_f.bias": state["norm.bias"],
  };
  for (const i of [0, 1]) {
    const [ours, theirs] = [`blocks.${i}`, `h.${i}`];
    const qkv = (part: string) => ["q", "k", "v"].map((one) => state[`${ours}.attention.${one}.${part}`]);
    files[`${theirs}.attn.c_attn.weight`] = cat(
      qkv("weight").map((w) => w.t()),
      1,
    );
    files[`${theirs}.attn.c_attn.bias`] = cat(qkv("bias"), 0);
    for (const part of ["weight", "bias"]) {
      files[`${theirs}.ln_1.${part}`] = state[`${ours}.attentionNorm.${part}`];
      files[`${theirs}.ln_2.${part}`] = state[`${ours}.mlpNorm.${part}`];
      for (const [a, b] of [
        ["attn.c_proj", "attention.out"],
        ["mlp.c_fc", "mlp.up"],
        ["mlp.c_proj", "mlp.down"],
      ]) {
        const x = state[`${ours}.${b}.${part}`];
        files[`${theirs}.${a}.${part}`] = part === "weight" ? x.t().contiguous() : x;
      }
    }
  }
  return files;
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "gpt2-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

let count = 0;
function written(settings: object | string, tensors: Record<string, Tensor> | null): string {
  const path = join(folder, String(count++));
  mkdirSync(path);
  writeFileSync(
    join(path, "config.json"),
    typeof settings === "string" ? settings : JSON.stringify(settings),
  );
  if (tensors) writeFileSync(join(path, "model.safetensors"), encodeTensors(tensors));
  return path;
}

/** The message without the folder, which is another in every run. */
const messageOf = (path: string): Promise<string> =>
  GPT.fromPretrained(path).then(
    () => "no error",
    (error: Error) => `${error.name}: ${error.message.replace(JSON.stringify(path), "…")}`,
  );

describe("GPT.fromPretrained", () => {
  it("computes what the stored model computes", async () => {
    const model = drawn();
    const ids = randint(0, V, [2, T], { random: new Random(2) });
    const read = await GPT.fromPretrained(written(config, stored(model)));
    expect(distance(read.forward(ids), model.forward(ids))).toBe(0);
    expect(read.training).toBe(false);
  });

  it("reads names with a prefix, masks that were stored along, and a head that is the embedding", async () => {
    const model = drawn();
    const prefixed = Object.fromEntries(
      Object.entries(stored(model)).map(([name, x]) => [`transformer.${name}`, x]),
    );
    const spare = {
      "transformer.h.0.attn.bias": randn([1, 1, T, T]),
      "lm_head.weight": model.embedding.weight.detach(),
    };
    const read = await GPT.fromPretrained(written(config, { ...prefixed, ...spare }));
    const ids = randint(0, V, [1, 3], { random: new Random(2) });
    expect(distance(read.forward(ids), model.forward(ids))).toBe(0);
  });

  it("names a config of another architecture, or with settings that are not computed here", async () => {
    expect(await messageOf(written({ ...config, model_type: "llama" }, {}))).toMatchInlineSnapshot(
      `"FormatError: GPT.fromPretrained(…): config.json says model_type "llama" — only the architecture "gpt2" is read"`,
    );
    expect(await messageOf(written({ ...config, layer_norm_epsilon: 0 }, {}))).toMatchInlineSnapshot(
      `"FormatError: GPT.fromPretrained(…): config.json says layer_norm_epsilon 0 — a number above 0"`,
    );
    expect(await messageOf(written({ ...config, scale_attn_weights: false }, {}))).toMatchInlineSnapshot(
      `"FormatError: GPT.fromPretrained(…): config.json says scale_attn_weights false — only true is computed here"`,
    );
    expect(await messageOf(written({ ...config, n_head: 0 }, {}))).toMatchInlineSnapshot(
      `"FormatError: GPT.fromPretrained(…): config.json says n_head 0 — an integer ≥ 1"`,
    );
    expect(await messageOf(written({ ...config, activation_function: "silu" }, {}))).toMatchInlineSnapshot(
      `"FormatError: GPT.fromPretrained(…): config.json says activation_function "silu" — one of gelu_new, gelu_pytorch_tanh, gelu, relu"`,
    );
    expect(await messageOf(written("no", {}))).toMatchInlineSnapshot(
      `"FormatError: GPT.fromPretrained(…): config.json is no JSON object — replace it"`,
    );
  });

  it("lists tensors that are missing, left over, or of another shape", async () => {
    const { "wpe.weight": _, ...tensors } = stored(drawn());
    const wrong = { ...tensors, "h.2.ln_1.weight": randn([C]), "ln_f.bias": randn([C + 1]) };
    expect(await messageOf(written(config, wrong))).toMatchInlineSnapshot(
      `"FormatError: GPT.fromPretrained(…): weights, missing: wpe.weight; unexpected: h.2.ln_1.weight; of another shape: ln_f.bias ([9] for [8]) — tensors must be those of the config"`,
    );
  });

  it("names a folder without the files", async () => {
    expect(await messageOf(written(config, null))).toMatchInlineSnapshot(
      `"FormatError: GPT.fromPretrained(…): no model.safetensors there — a model of Hugging Face has config.json and model.safetensors, or model.safetensors.index.json and its files"`,
    );
    expect(await messageOf(join(folder, "nowhere"))).toMatchInlineSnapshot(
      `"FormatError: GPT.fromPretrained(…): no config.json there — a model of Hugging Face has config.json and model.safetensors, or model.safetensors.index.json and its files"`,
    );
  });
});

describe("GPT.fromPretrained of several files", () => {
  /** Every tensor goes to the file that `shardOf` names; `index` may then be spoilt. */
  function sharded(
    tensors: Record<string, Tensor>,
    spoil: (map: Record<string, string>) => unknown = (map) => map,
  ): string {
    const path = written(config, null);
    const names = Object.keys(tensors);
    const shardOf = (name: string) => `model-0000${1 + (names.indexOf(name) % 3)}-of-00003.safetensors`;
    const map = Object.fromEntries(names.map((name) => [name, shardOf(name)]));
    for (const shard of new Set(Object.values(map))) {
      const inside = names
        .filter((name) => map[name] === shard)
        .map((name) => [name, tensors[name]] as const);
      writeFileSync(join(path, shard), encodeTensors(Object.fromEntries(inside)));
    }
    const index = { metadata: { total_size: 1 }, weight_map: spoil(map) };
    writeFileSync(join(path, "model.safetensors.index.json"), JSON.stringify(index));
    return path;
  }

  it("reads what the index names, wherever it lies", async () => {
    const model = drawn();
    const ids = randint(0, V, [2, T], { random: new Random(2) });
    const read = await GPT.fromPretrained(sharded(stored(model)));
    expect(distance(read.forward(ids), model.forward(ids))).toBe(0);
  });

  it("lists tensors over all files: missing, unexpected, of another shape", async () => {
    const { "wpe.weight": _, ...tensors } = stored(drawn());
    const wrong = { ...tensors, "h.2.ln_1.weight": randn([C]), "ln_f.bias": randn([C + 1]) };
    expect(await messageOf(sharded(wrong))).toMatchInlineSnapshot(
      `"FormatError: GPT.fromPretrained(…): weights, missing: wpe.weight; unexpected: h.2.ln_1.weight; of another shape: ln_f.bias ([9] for [8]) — tensors must be those of the config"`,
    );
  });

  it("names tensors that do not lie where the index says", async () => {
    const moved = (map: Record<string, string>) => {
      const { "wte.weight": _, ...rest } = map;
      return { ...rest, "wpe.weight": map["ln_f.weight"], nothing: map["ln_f.weight"] };
    };
    expect(await messageOf(sharded(stored(drawn()), moved))).toMatchInlineSnapshot(
      `"FormatError: GPT.fromPretrained(…): wpe.weight is not in model-00003-of-00003.safetensors; nothing is not in model-00003-of-00003.safetensors; wte.weight in model-00001-of-00003.safetensors is not in the index; wpe.weight in model-00002-of-00003.safetensors is not in the index — model.safetensors.index.json and the files must agree; load them again"`,
    );
  });

  it("names files that are not there, and an index that is none", async () => {
    const absent = (map: Record<string, string>) => ({ ...map, a: "b.safetensors", c: "d.safetensors" });
    expect(await messageOf(sharded(stored(drawn()), absent))).toMatchInlineSnapshot(
      `"FormatError: GPT.fromPretrained(…): model.safetensors.index.json names b.safetensors, d.safetensors — no such files are there"`,
    );
    const outside = (map: Record<string, string>) => ({ ...map, a: "../b.safetensors" });
    expect(await messageOf(sharded(stored(drawn()), outside))).toMatchInlineSnapshot(
      `"FormatError: GPT.fromPretrained(…): model.safetensors.index.json says a is in "../b.safetensors" — files are named *.safetensors and lie in the folder itself"`,
    );
    expect(await messageOf(sharded(stored(drawn()), () => null))).toMatchInlineSnapshot(
      `"FormatError: GPT.fromPretrained(…): model.safetensors.index.json has no weight_map — it names a file for every tensor"`,
    );
  });
});

describe("layer_norm_epsilon", () => {
  it("is what every norm adds to its variance", async () => {
    const model = drawn();
    const folder = written({ ...config, layer_norm_epsilon: 0.5 }, stored(model));
    const read = await GPT.fromPretrained(folder);
    const norms = [read.norm, ...read.blocks.flatMap((block) => [block.attentionNorm, block.mlpNorm])];
    expect(norms.map(({ eps }) => eps)).toEqual([0.5, 0.5, 0.5, 0.5, 0.5]);
    const ids = randint(0, V, [2, T], { random: new Random(2) });
    expect(distance(read.forward(ids), model.forward(ids))).toBeGreaterThan(0.01);
  });
});
