import { statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Tensor } from "tensorgrad";
import { structuredPrune } from "tensorgrad/compression";
import {
  dequantize,
  type GPT,
  type Module,
  quantizeInt8,
  quantizeModel,
  type Sequential,
} from "tensorgrad/nn";
import { loadTensors, saveTensors } from "tensorgrad/train/node";
import { build as buildCnn, type ImageRecipe } from "../cnn-recipes.ts";
import { build as buildGpt, type GptRecipe } from "../gpt-recipe.ts";
import { SPARSITY } from "./cnn.ts";
import { halfAsDeep } from "./gpt.ts";

/** Where the compressed models of milestone 5 are committed. */
export const compressedFile = (name: "cnn" | "gpt"): string =>
  fileURLToPath(new URL(`../../checkpoints/05-${name}.safetensors`, import.meta.url));

/** Bytes of a file. */
export const bytesOf = (path: string): number => statSync(path).size;

const [INTEGERS, SCALES] = [".int8", ".scales"];

/** Weights of two dims and more as integers, each output with a scale of its own; the few other numbers as they are. */
export function packed(tensors: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
  const entries = Object.entries(tensors).flatMap(([name, t]): [string, Tensor][] => {
    if (t.rank < 2) return [[name, t]];
    const { q, scale } = quantizeInt8(t, { dim: 0 });
    return [
      [name + INTEGERS, q],
      [name + SCALES, scale],
    ];
  });
  return Object.fromEntries(entries);
}

/** What `packed` made, as numbers again. */
export function unpacked(tensors: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
  const entries = Object.entries(tensors).flatMap(([name, t]): [string, Tensor][] => {
    if (name.endsWith(SCALES)) return [];
    if (!name.endsWith(INTEGERS)) return [[name, t]];
    const plain = name.slice(0, -INTEGERS.length);
    const scale = tensors[plain + SCALES];
    return [[plain, dequantize({ q: t, scale, zeroPoint: scale.mul(0), dim: 0 })]];
  });
  return Object.fromEntries(entries);
}

type Facts = Readonly<Record<string, string>>;

export const saveCnn = (path: string, half: Module, metadata: Facts): Promise<void> =>
  saveTensors(path, packed(half.stateDict()), { metadata });

/** The halved network from its integers: it computes in float32, where Winograd's products are faster than those of integers. */
export async function loadCnn(path: string, recipe: ImageRecipe): Promise<Sequential> {
  const { tensors } = await loadTensors(path);
  const model = buildCnn(recipe);
  structuredPrune(model, { sparsity: SPARSITY });
  model.loadStateDict(unpacked(tensors));
  model.eval();
  return model;
}

/** Saves a shortened model that `quantizeModel` has changed. */
export const saveGpt = (path: string, quantized: GPT, metadata: Facts): Promise<void> =>
  saveTensors(path, quantized.stateDict(), { metadata });

/** The shortened model, which computes with its integers. */
export async function loadGpt(path: string, recipe: GptRecipe, vocabSize: number): Promise<GPT> {
  const { tensors } = await loadTensors(path);
  const model = quantizeModel(buildGpt(halfAsDeep(recipe), vocabSize));
  model.loadStateDict(tensors);
  return model.eval();
}
