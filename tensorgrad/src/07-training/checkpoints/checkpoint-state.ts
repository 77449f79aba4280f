import { z } from "zod";
import { DEEPEST, FormatError, parseJson, type RandomState } from "../../00-runtime/index.ts";
import type { ScheduleState } from "../../06-optimizers/index.ts";
import type { Json } from "../callbacks/callback.ts";
import { CHECKSUM } from "./checksum.ts";
import { fromJson, type TrainerState, toJson } from "./trainer-state.ts";

/** Counts changes of the layout below that an older reader would misunderstand. From 2 on there is a checksum. */
export const VERSION = 2;

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

/** Throws  TypeError for metadata that would not come back as they are */
export function toMetadata(state: CheckpointState, call: string): Record<string, string> {
  checkJson(state.metadata, `${call}: metadata`);
  return {
    format: "pt", // what Hugging Face's tools look for
    [KEY]: JSON.stringify(toJson(state)), // a monitored loss may be infinite
  };
}

/** Half as deep as is read, as they lie inside of the state. */
function checkJson(value: unknown, at: string, depth = DEEPEST / 2): void {
  if (depth === 0) throw new TypeError(`${at.slice(0, 100)}… — metadata are at most ${DEEPEST / 2} deep`);
  const isPlain =
    typeof value === "object" &&
    value !== null &&
    [Object.prototype, null].includes(Object.getPrototypeOf(value));
  if (Array.isArray(value) || isPlain) {
    for (const [key, part] of Object.entries(value as object)) checkJson(part, `${at}.${key}`, depth - 1);
  } else if (
    !(value === null || typeof value === "boolean" || typeof value === "string" || Number.isFinite(value))
  ) {
    throw new TypeError(
      `${at} is ${typeof value === "object" ? value?.constructor.name : String(value)} — only what JSON can say is saved and comes back: null, booleans, finite numbers, strings, lists and plain objects of them`,
    );
  }
}

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
  if (success && data.version >= 2 && metadata[CHECKSUM] === undefined) {
    throw new FormatError(
      `${call}: there is no checksum — checkpoints have one since format 2; the file is damaged`,
    );
  }
  if (success) return { ...(fromJson(data as Json) as CheckpointState), metadata: data.metadata };
  const [{ path, message }] = error.issues;
  throw new FormatError(
    `${call}: ${path.length ? path.map(String).join(".") : "the state"}: ${message} — the state is damaged, or not from saveCheckpoint`,
  );
}

function parse(text: string, call: string): unknown {
  try {
    return parseJson(text);
  } catch (cause) {
    throw new FormatError(
      `${call}: "${KEY}" is not JSON — the state is damaged, or not from saveCheckpoint`,
      {
        cause,
      },
    );
  }
}
