import { builtinModules, FormatError } from "../00-runtime/index.ts";
import type { Tensor } from "../01-tensor/index.ts";
import { decodeTensors } from "../07-training/index.ts";

// A model of Hugging Face in a folder: its settings, and its weights in one file or in several. Of several, an index says which
// tensor lies in which.

export type Json = Readonly<Record<string, unknown>>;

const [WHOLE, INDEX] = ["model.safetensors", "model.safetensors.index.json"];

/** A file of the folder. Throws  FormatError where there is none */
export class PretrainedFolder {
  readonly #call: string;
  readonly #path: string;

  constructor(call: string, path: string) {
    [this.#call, this.#path] = [call, path];
  }

  /** An object in a file of JSON. */
  json(name: string): Json {
    try {
      const value: unknown = JSON.parse(new TextDecoder().decode(this.#bytes(name)));
      if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Json;
    } catch (error) {
      if (error instanceof FormatError) throw error;
    }
    throw new FormatError(`${this.#call}: ${name} is no JSON object — replace it`);
  }

  /** All tensors by name. */
  tensors(): Readonly<Record<string, Tensor>> {
    return this.#has(WHOLE) || !this.#has(INDEX) ? this.#tensorsOf(WHOLE) : this.#gathered();
  }

  /** Throws  FormatError for an index that names no files, and for tensors that do not lie where it says */
  #gathered(): Record<string, Tensor> {
    const places = this.#index();
    const shards = [...new Set(places.values())].sort();
    const absent = shards.filter((shard) => !this.#has(shard));
    if (absent.length) this.#refuse(`${INDEX} names ${absent.join(", ")}`, "no such files are there");
    const tensors: Record<string, Tensor> = {};
    const lost = new Set(places.keys());
    const strange: string[] = [];
    for (const shard of shards) {
      for (const [name, tensor] of Object.entries(this.#tensorsOf(shard))) {
        if (places.get(name) !== shard) strange.push(`${name} in ${shard}`);
        else lost.delete(name);
        tensors[name] = tensor;
      }
    }
    const faults = [
      ...[...lost].map((name) => `${name} is not in ${places.get(name)}`),
      ...strange.map((where) => `${where} is not in the index`),
    ];
    if (faults.length) this.#refuse(faults.join("; "), `${INDEX} and the files must agree; load them again`);
    return tensors;
  }

  /** By tensor, its file. */
  #index(): Map<string, string> {
    const { weight_map: map } = this.json(INDEX);
    const files = typeof map === "object" && map !== null ? Object.entries(map) : [];
    const isFile = (name: unknown): name is string =>
      typeof name === "string" && /^[^/\\]+\.safetensors$/.test(name);
    if (files.length === 0) this.#refuse(`${INDEX} has no weight_map`, "it names a file for every tensor");
    const wrong = files.find(([, file]) => !isFile(file));
    if (wrong)
      this.#refuse(
        `${INDEX} says ${wrong[0]} is in ${JSON.stringify(wrong[1])}`,
        "files are named *.safetensors and lie in the folder itself",
      );
    return new Map(files as [string, string][]);
  }

  #tensorsOf(name: string): Readonly<Record<string, Tensor>> {
    return decodeTensors(this.#bytes(name), `${this.#call}, ${name}`).tensors;
  }

  #has(name: string): boolean {
    const { fs, path } = this.#node();
    return fs.statSync(path.join(this.#path, name), { throwIfNoEntry: false })?.isFile() ?? false;
  }

  #bytes(name: string): Uint8Array {
    const { fs, path } = this.#node();
    if (this.#has(name)) return new Uint8Array(fs.readFileSync(path.join(this.#path, name)));
    throw new FormatError(
      `${this.#call}: no ${name} there — a model of Hugging Face has config.json and ${WHOLE}, or ${INDEX} and its files`,
    );
  }

  #node() {
    const builtin = builtinModules();
    if (!builtin) this.#refuse("there are no folders here", "Node, Bun and Deno have files");
    return { fs: builtin("node:fs"), path: builtin("node:path") };
  }

  #refuse(what: string, rule: string): never {
    throw new FormatError(`${this.#call}: ${what} — ${rule}`);
  }
}
