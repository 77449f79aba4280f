import { scope } from "../../00-runtime/index.ts";
import type { Json } from "../callbacks/callback.ts";
import { checkWhole } from "./checkpoint.ts";
import { fromMetadata } from "./checkpoint-state.ts";
import { part } from "./restore.ts";
import { decodeTensors, encodeTensors } from "./safetensors.ts";
import { readBytes } from "./tensor-file.ts";

/** The weights of a checkpoint, and where the training was. */
export interface CheckpointWeights {
  /** A safetensors file: the model's tensors under the names of its `stateDict`. */
  readonly bytes: Uint8Array;
  readonly steps: number | null;
  readonly epoch: number | null;
  readonly metadata: Json;
}

/**
 * What a model needs that only answers: the weights of a checkpoint, without the optimizer and the rest of the training.
 *
 *   const { bytes } = await checkpointWeights("runs/mlp-001/checkpoints/best.safetensors");
 *   model.loadStateDict(decodeTensors(bytes).tensors);
 *
 * Throws    FormatError for a file that is damaged, or no checkpoint
 */
export async function checkpointWeights(path: string): Promise<CheckpointWeights> {
  const call = `checkpointWeights(${path})`;
  const file = await readBytes(path, call);
  checkWhole(file, call);
  using _ = scope(); // for the tensors of the file
  const { tensors, metadata } = decodeTensors(file, call);
  const state = fromMetadata(metadata, call);
  const { steps = null, epoch = null } = state.trainer ?? {};
  const bytes = encodeTensors(part(tensors, "model"), { format: "pt" });
  return { bytes, steps, epoch, metadata: state.metadata };
}
