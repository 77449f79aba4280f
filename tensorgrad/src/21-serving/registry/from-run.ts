import { readdirSync, statSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { can, checked, expectArgument } from "../../00-runtime/index.ts";
import { checkpointWeights, findRun, type Run, summarizeRun } from "../../07-training/node.ts";
import type { AddOptions } from "./add.ts";
import type { Registry } from "./registry.ts";
import type { Version } from "./version.ts";

/** Options of `addRun`. */
export interface AddRunOptions extends Omit<AddOptions, "run"> {
  /** Where the folders of runs are. */
  readonly runs?: string | undefined;
  /** The model's name in the registry; the run's own without its number by default. */
  readonly model?: string | undefined;
}

/**
 * Adds the weights of a run's best checkpoint: its `best.safetensors`, or its newest one where it kept no best. Metrics are the
 * best values of its epochs.
 *
 *   const { version } = await addRun(registry, "mlp-003");           // or npx tensorgrad registry add mlp-003
 *
 * Throws    RangeError for a run that is not there or has no checkpoint; FormatError for one that is damaged
 */
export async function addRun(registry: Registry, id: string, given: AddRunOptions = {}): Promise<Version> {
  const names = ["runs", "model", "metrics", "note", "inputs", "outputs"] as const;
  const { runs = "runs", model, ...options } = checked<AddRunOptions>("addRun", given, names);
  expectArgument(can(registry, "add"), "addRun", "registry", registry, "a Registry");
  expectArgument(typeof id === "string", "addRun", "id", id, "the id of a run");
  const run = findRun(runs, id);
  const path = bestCheckpoint(run);
  const { bytes, steps, epoch } = await checkpointWeights(path);
  const { record } = run;
  const best = summarizeRun(run).best.map(({ name, value }) => [name, value]);
  return registry.add(model ?? record.name, bytes, {
    ...options,
    metrics: { ...Object.fromEntries(best), ...options.metrics },
    run: {
      id: record.id,
      checkpoint: relative(run.folder, path).replaceAll("\\", "/"),
      ...{ steps, epoch, seed: record.seed },
    },
  });
}

/** Throws  RangeError where the run saved none */
function bestCheckpoint({ folder, record }: Run): string {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => /^(best|step-\d+)\.safetensors$/.test(basename(file)))
    .map((file) => join(folder, file))
    .filter((path) => statSync(path).isFile());
  const best = files.find((path) => basename(path) === "best.safetensors");
  const newest = files.sort((a, b) => (basename(a) < basename(b) ? -1 : 1)).at(-1);
  const found = best ?? newest;
  if (found !== undefined) return found;
  throw new RangeError(
    `registry add ${record.id}: no checkpoint in ${folder} — a training saves them there with ` +
      'new Checkpoints({ folder: experiment.path("checkpoints"), best: "validation.loss" })',
  );
}
