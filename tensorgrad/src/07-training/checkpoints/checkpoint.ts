import { checked, expectPath, scope, show } from "../../00-runtime/index.ts";
import { writeDurably } from "../../00-runtime/node.ts";
import type { Tensor } from "../../01-tensor/index.ts";
import { expectModule } from "../../03-layers/index.ts";
import type { Json } from "../callbacks/callback.ts";
import type { Training } from "../training.ts";
import { type CheckpointState, fromMetadata, toMetadata, VERSION } from "./checkpoint-state.ts";
import { CHECKSUM, checkedHeader, encodeChecked } from "./checksum.ts";
import { generators, prefixed, restore } from "./restore.ts";
import { decodeTensors } from "./safetensors.ts";
import { readBytes } from "./tensor-file.ts";

export interface SaveOptions extends Training {
  readonly metadata?: Json;
}

/** What a checkpoint says about itself. */
export interface CheckpointInfo {
  readonly path: string;
  readonly steps: number | null;
  readonly epoch: number | null;
  readonly metadata: Json;
}

/**
 * Saves everything that a training must remember to go on exactly where it stopped, as one safetensors file: tensors
 * are named `model.<path>` and `optimizer.<parameter>.<name>`, all else is JSON in the file's metadata.
 *
 *   await saveCheckpoint("last.safetensors", { model, optimizer, trainer, loader });
 *
 * The file appears under its name whole or not at all, even if the process is killed or the power fails meanwhile.
 *
 * Throws    TypeError for metadata that JSON has no words for; RangeError if a weight or a tensor of the optimizer is not finite: nothing is written then, so that an
 *           earlier file stays; the system's error if the disk is full
 */
export async function saveCheckpoint(path: string, options: SaveOptions): Promise<void> {
  checked("saveCheckpoint", options, [
    "model",
    "optimizer",
    "trainer",
    "loader",
    "schedule",
    "random",
    "metadata",
  ]);
  expectPath("saveCheckpoint", path);
  expectModule("saveCheckpoint", options.model);
  const call = `saveCheckpoint(${path})`;
  const { model, optimizer, trainer, loader, schedule, metadata = null } = options;
  const learned = optimizer?.stateDict() ?? null;
  checkFinite(call, prefixed("model", Object.fromEntries(model.namedParameters())));
  checkFinite(call, prefixed("optimizer", learned?.tensors ?? {}));
  const state: CheckpointState = {
    version: VERSION,
    model: model.constructor.name,
    optimizer: learned && {
      name: (optimizer as object).constructor.name,
      groups: learned.groups as NonNullable<CheckpointState["optimizer"]>["groups"],
      steps: learned.steps,
    },
    trainer: trainer?.stateDict() ?? null,
    loader: (loader?.stateDict() ?? null) as Json,
    schedule: schedule?.stateDict?.() ?? null,
    random: Object.fromEntries(generators(options).map(([name, random]) => [name, random.state])),
    metadata,
  };
  const tensors = {
    ...prefixed("model", model.stateDict()),
    ...prefixed("optimizer", learned?.tensors ?? {}),
    ...prefixed("trainer", trainer?.tensors() ?? {}),
  };
  await writeDurably(path, encodeChecked(tensors, toMetadata(state, call)));
}

/**
 * Puts a training where the checkpoint was saved. Parts that are not given are not touched: `{ model }` is enough to
 * use a trained model. Everything is checked first: a checkpoint that does not fit changes nothing.
 *
 *   await loadCheckpoint("last.safetensors", { model, optimizer, trainer, loader });
 *   await trainer.fit(loader, { epochs: 10 });
 *
 * Throws    FormatError for a damaged file, one that is no checkpoint, or of a newer version; ShapeError that lists
 *           missing and unexpected names, other shapes and dtypes; RangeError for the state of another optimizer
 */
export async function loadCheckpoint(path: string, training: Training): Promise<CheckpointInfo> {
  const call = `loadCheckpoint(${path})`;
  const bytes = await readBytes(path, call);
  checkWhole(bytes, call);
  return loadFrom(bytes, path, training);
}

/** Throws  FormatError for a file that is damaged */
export function checkWhole(bytes: Uint8Array, call: string): void {
  const { metadata } = checkedHeader(bytes, call);
  if (metadata[CHECKSUM] === undefined) fromMetadata(metadata, call);
}

/** Loads a checkpoint that is whole. */
export function loadFrom(bytes: Uint8Array, path: string, training: Training): CheckpointInfo {
  const call = `loadCheckpoint(${path})`;
  using _ = scope(); // for the tensors of the file, which are copied from
  const { tensors, metadata } = decodeTensors(bytes, call);
  const state = fromMetadata(metadata, call);
  restore(call, state, tensors, training);
  const { steps = null, epoch = null } = state.trainer ?? {};
  return { path, steps, epoch, metadata: state.metadata };
}

function checkFinite(call: string, tensors: Readonly<Record<string, Tensor>>): void {
  for (const [name, tensor] of Object.entries(tensors)) {
    const { data } = tensor;
    const at = tensor.isFloat ? firstNotFinite(data) : -1;
    if (at < 0) continue;
    throw new RangeError(
      `${call}: ${name} ${show(tensor.shape)} is ${data[at]} at element ${at} — only finite numbers are saved, so that a good ` +
        "checkpoint is never replaced by a bad one; go back to the last one, lower the learning rate or clip the gradients",
    );
  }
}

/** A plain loop: models have millions of elements. */
function firstNotFinite(data: ArrayLike<number>): number {
  for (let i = 0; i < data.length; i++) if (!Number.isFinite(data[i])) return i;
  return -1;
}
