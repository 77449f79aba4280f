import { fileURLToPath } from "node:url";
import { type ParityReport, parity } from "gradverify";
import { scope } from "tensorgrad";
import type { ImageDataset } from "tensorgrad/data";
import type { Sequential } from "tensorgrad/nn";
import { exportOnnx } from "tensorgrad/onnx";
import { threads } from "tensorgrad/runtime";
import { writeDurably } from "tensorgrad/runtime/node";
import { loadTensors, saveTensors } from "tensorgrad/train/node";
import { build, type NetworkName, RECIPES } from "./cnn-recipes.ts";

/** The largest difference that a logit may have in two engines. */
export const LOGIT_TOLERANCE = 1e-4;

/** Where the trained models of milestone 3 are committed. */
export const committedFile = (name: NetworkName): string =>
  fileURLToPath(new URL(`../checkpoints/03-${name}.safetensors`, import.meta.url));

/** A trained model as it was committed. */
export async function committedModel(name: NetworkName): Promise<Sequential> {
  const { tensors } = await loadTensors(committedFile(name));
  const model = build(RECIPES[name]);
  model.loadStateDict(tensors);
  return model;
}

/** Writes a trained model, and what was measured of it. */
export const saveModel = (
  path: string,
  model: Sequential,
  facts: Readonly<Record<string, unknown>>,
): Promise<void> =>
  saveTensors(path, model.stateDict(), {
    metadata: Object.fromEntries(Object.entries(facts).map(([key, value]) => [key, String(value)])),
  });

/**
 * Runs a trained model in ONNX Runtime on every test image, and compares: all of them with what our engine makes of them (by a BLAS
 * that is not ONNX Runtime's, or by the own kernels), a few of them also with float64.
 */
export async function compareModel(model: Sequential, test: ImageDataset): Promise<ParityReport> {
  using _ = scope();
  const { x } = test.batch(Int32Array.from({ length: test.length }, (_, i) => i));
  return parity(model, x, {
    ...{ tolerance: LOGIT_TOLERANCE, threads: threads().wanted },
    ...{ rowsPerRun: 250, float64Rows: 8, nodes: false },
  });
}

/** Exports a model for any number of images at a time. */
export async function writeOnnx(path: string, model: Sequential, test: ImageDataset): Promise<void> {
  using _ = scope();
  model.eval();
  await writeDurably(path, exportOnnx(model, test.batch([0, 1]).x, { dynamicBatch: true }));
}

/** Several comparisons as one: predictions are counted over all of them. */
export const agreement = (parities: readonly ParityReport[]) => ({
  equal: parities.reduce((sum, { equalPredictions }) => sum + (equalPredictions?.equal ?? 0), 0),
  total: parities.reduce((sum, { equalPredictions }) => sum + (equalPredictions?.total ?? 0), 0),
  maxAbs: Math.max(...parities.map(({ maxAbs }) => maxAbs)),
});
