import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { FormatError, parseJson } from "../../00-runtime/index.ts";
import { checkRegularFile } from "../../00-runtime/node.ts";
import type { VersionSchema } from "./model-file.ts";

/** The run that a version comes from. */
export interface ParentRun {
  readonly id: string;
  /** The file of the run that was taken: `checkpoints/best.safetensors`. */
  readonly checkpoint: string;
  readonly steps: number | null;
  readonly epoch: number | null;
  readonly seed: number;
}

/** What `version.json` says about the model beside it. */
export interface VersionRecord {
  readonly format: 1;
  readonly file: "model.safetensors" | "model.onnx";
  readonly bytes: number;
  readonly sha256: string;
  readonly schema: VersionSchema;
  /** By name: `{ "validation.accuracy": 0.981 }`. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly run: ParentRun | null;
  readonly note: string | null;
  /** ISO 8601. */
  readonly added: string;
}

/** One version of a model in a registry. */
export interface Version extends VersionRecord {
  readonly model: string;
  /** "1", "2", … */
  readonly version: string;
  readonly folder: string;
}

export const RECORD = "version.json";
const LARGEST = 2 ** 24;

const spec = z.object({
  name: z.string(),
  dtype: z.enum(["float32", "uint8", "int8", "int32", "int64", "bool", "float64"]),
  shape: z.array(z.int().min(-1)),
});
const weight = z.object({
  name: z.string(),
  dtype: z.enum(["float64", "float32", "int32", "int8", "uint8", "bool"]),
  shape: z.array(z.int().nonnegative()),
});
const count = z.int().nonnegative();

const schema = z.object({
  format: z.literal(1),
  // Names of files are fixed: a record that was changed cannot lead out of its folder.
  file: z.enum(["model.safetensors", "model.onnx"]),
  bytes: count,
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  schema: z.object({
    inputs: z.array(spec).nullable(),
    outputs: z.array(spec).nullable(),
    weights: z.array(weight).nullable(),
  }),
  metrics: z.record(z.string(), z.number()),
  run: z
    .object({
      id: z.string(),
      checkpoint: z.string(),
      steps: count.nullable(),
      epoch: count.nullable(),
      seed: count,
    })
    .nullable(),
  note: z.string().nullable(),
  added: z.iso.datetime(),
});

export const digestOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** Throws  FormatError for a folder that was not written whole, and for a record that is none */
export function readVersion(model: string, version: string, folder: string, call: string): Version {
  const path = join(folder, RECORD);
  if (!existsSync(path)) {
    throw new FormatError(
      `${call}: version ${version} of ${model} has no ${RECORD} — a version is added whole, so this folder is not from a registry; ` +
        `delete ${folder}, then add the model`,
    );
  }
  const { success, data, error } = schema.safeParse(readJson(path, call));
  if (!success) {
    const [{ path: at, message }] = error.issues;
    throw new FormatError(
      `${call}: ${path}: ${at.join(".") || "the file"}: ${message} — expected what a registry wrote`,
    );
  }
  const found = statSync(join(folder, data.file), { throwIfNoEntry: false });
  if (!found?.isFile() || found.size !== data.bytes) {
    throw new FormatError(
      `${call}: version ${version} of ${model}: ${data.file} ${found?.isFile() ? `has ${found.size} bytes` : "is not there"} — ` +
        `${data.bytes} bytes were added; roll back, then add the model again`,
    );
  }
  return { ...data, model, version, folder };
}

/** Throws  FormatError, naming the file, for what is no JSON of ours */
export function readJson(path: string, call: string): unknown {
  checkRegularFile(path, `${call}: ${path}`, { what: "what a registry wrote", most: LARGEST });
  try {
    return parseJson(readFileSync(path, "utf8"));
  } catch (cause) {
    throw new FormatError(`${call}: ${path}: no JSON — expected what a registry wrote`, { cause });
  }
}

/**
 * The bytes of a version, checked against its hash: what is served is what was added.
 *
 * Throws    FormatError for a file that was changed since
 */
export async function readModel(
  { model, version, folder, file, sha256 }: Version,
  call: string,
): Promise<Uint8Array> {
  const bytes = await readFile(join(folder, file));
  const found = digestOf(bytes);
  if (found === sha256) return bytes;
  throw new FormatError(
    `${call}: version ${version} of ${model} has the SHA-256 ${found.slice(0, 12)}…, it was added with ${sha256.slice(0, 12)}… — ` +
      "the file was damaged or changed since; promote another version, and add this one again from its source",
  );
}
