import { z } from "zod";
import { FormatError, type RandomState } from "../../00-runtime/index.ts";
import type { ScheduleState } from "../../06-optimizers/index.ts";
import type { Json } from "../callbacks/callback.ts";
import { fromJson, type TrainerState, toJson } from "./trainer-state.ts";

/** Counts changes of the layout below that an older reader would misunderstand. */
export const VERSION = 1;

/** Where the state lies among the file's metadata. */
const KEY = "tensorgrad.checkpoint";

/** Everything in a checkpoint that is not a tensor. Parts that were not saved are null. */
export interface CheckpointState {
  readonly version: number;
  /** The class of the model, for messages. */
  readonly model: string;
  readonly optimizer: OptimizerPart | null;
  readonly trainer: TrainerState | null;
  readonly loader: Json;
  readonly schedule: ScheduleState | null;
  /** The generators' states by name. */
  readonly random: Readonly<Record<string, RandomState>>;
  /** Whatever the program wants to remember. */
  readonly metadata: Json;
}

export interface OptimizerPart {
  readonly name: string;
  readonly groups: readonly Readonly<Record<string, Json>>[];
  readonly steps: readonly number[];
}

const json: z.ZodType<Json> = z.json();
const count = z.int().nonnegative();
/** As `toJson` writes it. */
const number = z.union([z.number(), z.enum(["NaN", "Infinity", "-Infinity"])]);

/** The trainer, the loader and the optimizer look at their own parts more closely. */
const schema = z.object({
  version: count,
  model: z.string(),
  optimizer: z
    .object({ name: z.string(), groups: z.array(z.record(z.string(), json)), steps: z.array(count) })
    .nullable(),
  trainer: z.looseObject({ steps: count, epoch: count, batch: count }).nullable(),
  loader: json,
  schedule: z.record(z.string(), number.nullable()).nullable(),
  random: z.record(z.string(), z.object({ seed: count, position: count })),
  metadata: json,
});

export const toMetadata = (state: CheckpointState): Record<string, string> => ({
  format: "pt", // what Hugging Face's tools look for
  [KEY]: JSON.stringify(toJson(state)), // a monitored loss may be infinite
});

/**
 * The state in a file's metadata.
 *
 * Throws    FormatError for a file that is no checkpoint, is damaged, or of a version newer than this library's
 */
export function fromMetadata(metadata: Readonly<Record<string, string>>, call: string): CheckpointState {
  const text = metadata[KEY];
  if (text === undefined) {
    throw new FormatError(
      `${call}: a safetensors file without "${KEY}" among its metadata — expected what saveCheckpoint wrote; ` +
        "read plain tensors with loadTensors, then model.loadStateDict",
    );
  }
  const value = parse(text, call);
  const { version } = (value ?? {}) as { version?: unknown };
  if (Number.isInteger(version) && (version as number) > VERSION) {
    throw new FormatError(
      `${call}: the checkpoint has format ${version} — this tensorgrad reads formats up to ${VERSION}; update tensorgrad`,
    );
  }
  const { success, data, error } = schema.safeParse(value);
  if (success) return { ...(fromJson(data as Json) as CheckpointState), metadata: data.metadata };
  const [{ path, message }] = error.issues;
  throw new FormatError(
    `${call}: ${path.length ? path.map(String).join(".") : "the state"}: ${message} — the state is damaged, or not from saveCheckpoint`,
  );
}

function parse(text: string, call: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new FormatError(
      `${call}: "${KEY}" is not JSON — the state is damaged, or not from saveCheckpoint`,
      {
        cause,
      },
    );
  }
}
