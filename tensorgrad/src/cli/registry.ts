import { statSync } from "node:fs";
import type { Command } from "commander";
import { addRun, type BrokenVersion, Registry, type Version } from "../21-serving/registry/index.ts";
import { aligned } from "./aligned.ts";

type Print = (line: string) => void;

interface Options {
  readonly folder: string;
  readonly json?: boolean;
  readonly runs: string;
  readonly model?: string;
  readonly note?: string;
  readonly promote?: boolean;
  readonly newSchema?: boolean;
}

/** `tensorgrad registry add|promote|rollback|list|verify`: versions of models. `done` is told the exit code. */
export function addRegistry(program: Command, print: Print, done: (code: number) => void): void {
  const registry = program.command("registry").description("versions of models, one of each current");
  const command = (name: string, what: string): Command =>
    registry
      .command(name)
      .description(what)
      .option("--folder <path>", "where the models are", "models")
      .option("--json", "print one JSON object");
  const show = <T>(json: boolean | undefined, value: T, render: (value: T) => string): void =>
    print(json ? JSON.stringify(value, null, 2) : render(value));

  command("add", "a new version: the best checkpoint of a run, or a file")
    .argument("<source>", "the id of a run, or a .safetensors or .onnx file")
    .option("--runs <path>", "where the folders of runs are", "runs")
    .option("--model <name>", "the model's name; a run's own, without its number, by default")
    .option("--note <text>", "what is remembered with it")
    .option("--promote", "makes it current at once")
    .option("--new-schema", "although it takes or gives something else than the current one")
    .action(async (source: string, options: Options) => {
      const added = await addSource(new Registry(options.folder), source, options);
      show(options.json, added, ({ model, version }) =>
        options.promote ? `${model} ${version} is added and current` : `${model} ${version} is added`,
      );
    });
  command("promote", "makes a version current")
    .argument("<model>")
    .argument("<version>")
    .option("--new-schema", "although it takes or gives something else than the current one")
    .action(async (model: string, version: string, { folder, json, newSchema }: Options) => {
      const now = await new Registry(folder).promote(model, version, { newSchema });
      show(json, now, () => `${model} ${version} is current`);
    });
  command("rollback", "goes back to the version that was current before")
    .argument("<model>")
    .action(async (model: string, { folder, json }: Options) => {
      const now = await new Registry(folder).rollback(model);
      show(json, now, ({ version }) => `${model} ${version} is current`);
    });
  command("list", "all versions: when, from which run, how good")
    .argument("[model]", "all models by default")
    .action((model: string | undefined, { folder, json }: Options) => {
      const found = versionsOf(new Registry(folder), model);
      show(json, found, (rows) => renderList(new Registry(folder), rows));
    });
  command("verify", "reads and hashes every version. Exit code 1 if one is damaged")
    .argument("[model]", "all models by default")
    .action(async (model: string | undefined, { folder, json }: Options) => {
      const where = new Registry(folder);
      const names = model === undefined ? where.models() : [model];
      const found = (await Promise.all(names.map((name) => where.verify(name)))).flat();
      show(json, found, (rows) => renderList(where, rows));
      done(found.some((one) => "error" in one) ? 1 : 0);
    });
}

async function addSource(
  registry: Registry,
  source: string,
  { runs, model, note, promote, newSchema }: Options,
): Promise<Version> {
  const isFile =
    statSync(source, { throwIfNoEntry: false })?.isFile() ?? /\.(safetensors|onnx)$/.test(source);
  if (isFile && model === undefined)
    throw new RangeError(`registry add ${source}: a file has no model's name — pass --model <name>`);
  const added =
    isFile && model !== undefined
      ? await registry.add(model, source, { note })
      : await addRun(registry, source, { runs, model, note });
  return promote ? registry.promote(added.model, added.version, { newSchema }) : added;
}

function versionsOf(registry: Registry, model: string | undefined): (Version | BrokenVersion)[] {
  const names = model === undefined ? registry.models() : [model];
  const found = names.flatMap((name) => registry.list(name));
  if (found.length > 0) return found;
  throw new RangeError(
    `registry list: ${model === undefined ? `no models in ${registry.root}` : `no versions of ${model} in ${registry.root}`} — tensorgrad registry add makes them; name another folder with --folder`,
  );
}

function renderList(registry: Registry, versions: readonly (Version | BrokenVersion)[]): string {
  const rows = versions.map((one) => {
    if ("error" in one) return ["", one.model, one.version, "", "", "", `damaged: ${one.error}`];
    const { model, version, added, run, metrics, file } = one;
    const shown = Object.entries(metrics).map(([name, value]) => `${name} ${Number(value.toPrecision(5))}`);
    const from = run ? `${run.id}${run.epoch === null ? "" : `, epoch ${run.epoch}`}` : "–";
    const mark = currentOf(registry, model) === version ? "→" : "";
    return [
      mark,
      model,
      version,
      added.slice(0, 16).replace("T", " "),
      file.slice(6),
      from,
      shown.join(", "),
    ];
  });
  return aligned([["", "model", "version", "added (UTC)", "kind", "run", "metrics"], ...rows]);
}

/** None where the pointer is damaged: the versions are listed all the same. */
function currentOf(registry: Registry, model: string): string | null {
  try {
    return registry.history(model)?.version ?? null;
  } catch {
    return null;
  }
}
