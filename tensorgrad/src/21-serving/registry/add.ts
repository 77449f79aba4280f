import { existsSync, readdirSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { checked } from "../../00-runtime/index.ts";
import { giveFolderName, sweep, temporaryFor, writeDurably } from "../../00-runtime/node.ts";
import type { TensorSpec } from "../types.ts";
import { examine } from "./model-file.ts";
import { digestOf, type ParentRun, RECORD, type VersionRecord } from "./version.ts";

export interface AddOptions {
  readonly metrics?: Readonly<Record<string, number>> | undefined;
  readonly run?: ParentRun | undefined;
  readonly note?: string | undefined;
  /** Of a file of weights, what the model around them takes and gives; ONNX says it itself. */
  readonly inputs?: readonly TensorSpec[] | undefined;
  readonly outputs?: readonly TensorSpec[] | undefined;
}

/** Writes a new version into a model's folder; returns its number. */
export async function addVersion(
  folder: string,
  content: Uint8Array,
  options: AddOptions,
  call: string,
): Promise<string> {
  checked("add", options, ["metrics", "run", "note", "inputs", "outputs"]);
  const record = recordOf(content, options, call);
  const versions = join(folder, "versions");
  await mkdir(versions, { recursive: true });
  await sweep(versions); // what processes left that were killed
  const temporary = temporaryFor(join(versions, "new"));
  try {
    await mkdir(temporary);
    await writeDurably(join(temporary, record.file), content);
    await writeDurably(join(temporary, RECORD), `${JSON.stringify(record, null, 2)}\n`);
    return await giveNumber(temporary, folder);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
}

function recordOf(
  content: Uint8Array,
  { metrics = {}, run, note, inputs, outputs }: AddOptions,
  call: string,
): VersionRecord {
  const wrong = Object.entries(metrics).find(([, value]) => !Number.isFinite(value));
  if (wrong) {
    throw new TypeError(
      `${call}: metric ${wrong[0]} is ${wrong[1]} — a finite number; leave out what was not measured`,
    );
  }
  const { kind, schema } = examine(content, call);
  return {
    format: 1,
    file: `model.${kind}`,
    bytes: content.length,
    sha256: digestOf(content),
    schema: {
      ...schema,
      inputs: schema.inputs ?? inputs ?? null,
      outputs: schema.outputs ?? outputs ?? null,
    },
    metrics,
    run: run ?? null,
    note: note ?? null,
    added: new Date().toISOString(),
  };
}

/** The next free number: two processes that add at once get two. */
async function giveNumber(temporary: string, folder: string): Promise<string> {
  for (let number = 1 + Number(numbersIn(folder).at(-1) ?? 0); ; number++) {
    try {
      await giveFolderName(temporary, join(folder, "versions", String(number)), 3);
      return String(number);
    } catch (error) {
      const { code = "" } = error as NodeJS.ErrnoException;
      if (!["ENOTEMPTY", "EEXIST"].includes(code)) throw error;
    }
  }
}

/** The versions in a model's folder, in their order. */
export function numbersIn(folder: string): string[] {
  const versions = join(folder, "versions");
  if (!existsSync(versions)) return [];
  return readdirSync(versions)
    .filter((name) => /^[1-9]\d{0,14}$/.test(name))
    .sort((a, b) => Number(a) - Number(b));
}
