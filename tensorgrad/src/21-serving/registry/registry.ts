import { existsSync, readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { closest } from "fastest-levenshtein";
import { checked, expectArgument, INSPECT } from "../../00-runtime/index.ts";
import { checkRegularFile, claim } from "../../00-runtime/node.ts";
import { type AddOptions, addVersion, numbersIn } from "./add.ts";
import { checkCompatible } from "./compatible.ts";
import { type Pointer, readPointer, repairedPointer, writePointer } from "./pointer.ts";
import { readModel, readVersion, type Version } from "./version.ts";

/** A version that cannot be used, and why. */
export interface BrokenVersion {
  readonly model: string;
  readonly version: string;
  readonly error: string;
}

/** Options of `Registry`. */
export interface PromoteOptions {
  /** Promotes although the version takes or gives something else than the current one. */
  readonly newSchema?: boolean | undefined;
}

/** A version with its file, whose hash was checked. */
export interface StoredModel extends Version {
  readonly content: Uint8Array;
}

/** A part of a path and of an address: no separators, no dots in front, no spaces. */
const NAME = /^[A-Za-z0-9][\w.-]{0,99}$/;

/**
 * Versions of models in a folder, one of each current.
 *
 *   const registry = new Registry("models");
 *   const { version } = await registry.add("digits", "digits.onnx", { metrics: { accuracy: 0.981 } });
 *   await registry.promote("digits", version);
 *   await registry.rollback("digits");                        // to the version before
 *
 *   models/digits/versions/1/{model.onnx, version.json}       never changed once it has its name
 *   models/digits/current.json                                replaced whole
 *
 * A version appears under its number with all its files or not at all, and the pointer is one file: a process that is killed
 * at any moment, or a power cut, leaves the old state or the new one. Models are hashed when they are added; the hash is
 * checked when they are promoted and when they are read.
 */
export class Registry {
  readonly root: string;

  constructor(root: string) {
    expectArgument(typeof root === "string", "Registry", "root", root, "the path of a folder");
    this.root = resolve(root);
  }

  [INSPECT](): string {
    return `Registry(${this.root})`;
  }

  /**
   * Copies a model's file, or its bytes, into a new version, which is not current yet.
   *
   * Throws    RangeError for what is no name of a model; FormatError for a file that is neither safetensors nor ONNX;
   *           TypeError for metrics that are no finite numbers
   */
  async add(model: string, file: string | Uint8Array, options: AddOptions = {}): Promise<Version> {
    const call = `Registry.add(${JSON.stringify(model)}, ${typeof file === "string" ? file : "bytes"})`;
    const folder = this.#folder(model, call);
    if (typeof file === "string") checkRegularFile(file, call, { what: "a model's file" });
    const content = typeof file === "string" ? await readFile(file) : file;
    const version = await addVersion(folder, content, options, call);
    return this.get(model, version);
  }

  /**
   * Makes a version the current one.
   *
   * Throws    RangeError for a version that is not there, or while another process promotes; FormatError for one that is
   *           damaged; ShapeError for one that takes or gives something else than the current one
   */
  async promote(model: string, version: string, options: PromoteOptions = {}): Promise<Version> {
    const call = `Registry.promote(${JSON.stringify(model)}, ${version})`;
    const { newSchema = false } = checked(call, options, ["newSchema"]);
    const next = this.#get(model, version, call);
    await readModel(next, call);
    return this.#change(model, call, (pointer) => {
      if (pointer?.version === next.version) return null;
      const running = pointer && this.#find(model, pointer.version);
      if (running && !newSchema) checkCompatible(next, running, call);
      return { version: next.version, before: pointer ? [...pointer.before, pointer] : [] };
    });
  }

  /**
   * Goes back to the version that was current before.
   *
   * Throws    RangeError where there was none; FormatError where it is damaged by now
   */
  async rollback(model: string): Promise<Version> {
    const call = `Registry.rollback(${JSON.stringify(model)})`;
    return this.#change(model, call, async (pointer) => {
      const earlier = pointer?.before.at(-1);
      if (!earlier) {
        throw new RangeError(
          `${call}: ${pointer ? `no version was current before ${pointer.version}` : "no version is current"} — promote one`,
        );
      }
      await readModel(this.#get(model, earlier.version, call), call);
      return { version: earlier.version, before: pointer?.before.slice(0, -1) ?? [] };
    });
  }

  /** The names of all models. */
  models(): string[] {
    if (!existsSync(this.root)) return [];
    return readdirSync(this.root, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && NAME.test(entry.name))
      .map(({ name }) => name)
      .sort();
  }

  /** All versions of a model, the oldest first; damaged ones with their error. Files are not hashed: see `verify`. */
  list(model: string): (Version | BrokenVersion)[] {
    const folder = this.#folder(model, `Registry.list(${JSON.stringify(model)})`);
    return numbersIn(folder).map((version) => attempt(model, version, () => this.get(model, version)));
  }

  /** Reads and hashes every version. */
  async verify(model: string): Promise<(Version | BrokenVersion)[]> {
    const call = `Registry.verify(${JSON.stringify(model)})`;
    const found: (Version | BrokenVersion)[] = [];
    for (const one of this.list(model)) {
      if (!("error" in one)) await readModel(one, call).then(() => found.push(one), broken(one));
      else found.push(one);
    }
    return found;

    function broken({ model: name, version }: Version): (error: Error) => void {
      return ({ message }) => void found.push({ model: name, version, error: message });
    }
  }

  /** Throws  RangeError for a version that is not there; FormatError for one that is not whole */
  get(model: string, version: string): Version {
    return this.#get(model, version, `Registry.get(${JSON.stringify(model)}, ${version})`);
  }

  /**
   * The current version; null before the first promotion.
   *
   * Throws    FormatError where the pointer or the version is damaged
   */
  current(model: string): Version | null {
    const call = `Registry.current(${JSON.stringify(model)})`;
    const pointer = readPointer(this.#folder(model, call), call);
    return pointer && this.#get(model, pointer.version, call);
  }

  /** Which version is current, since when, and which ones were before. */
  history(model: string): Pointer | null {
    const call = `Registry.history(${JSON.stringify(model)})`;
    return readPointer(this.#folder(model, call), call);
  }

  /**
   * A version with its file: the current one, unless another is named.
   *
   * Throws    RangeError where there is none; FormatError for a file that is not what was added
   */
  async read(model: string, version?: string): Promise<StoredModel> {
    const call = `Registry.read(${[model, version].filter((x) => x !== undefined).join(", ")})`;
    const found = version === undefined ? this.current(model) : this.#get(model, version, call);
    if (!found) throw new RangeError(`${call}: no version is current — promote one of ${this.#known(model)}`);
    return { ...found, content: await readModel(found, call) };
  }

  /** Where a model's versions are: nothing that a name says leads out of the registry. */
  #folder(model: string, call: string): string {
    if (NAME.test(model)) return join(this.root, model);
    throw new RangeError(
      `${call}: ${JSON.stringify(model)} is no name of a model — at most 100 letters, digits and any of _ . - , the first a letter or a digit`,
    );
  }

  #get(model: string, version: string, call: string): Version {
    const folder = this.#folder(model, call);
    if (numbersIn(folder).includes(version))
      return readVersion(model, version, join(folder, "versions", version), call);
    if (existsSync(folder)) {
      throw new RangeError(`${call}: no such version — ${model} has ${this.#known(model)}`);
    }
    const models = this.models();
    throw new RangeError(
      `${call}: no model ${model} in ${this.root} — ${models.length ? `did you mean ${closest(model, models)}?` : "the registry is empty; add one"}`,
    );
  }

  /** Null for one that is damaged or gone. */
  #find(model: string, version: string): Version | null {
    const found = attempt(model, version, () => this.get(model, version));
    return "error" in found ? null : found;
  }

  #known(model: string): string {
    return numbersIn(join(this.root, model)).join(", ") || "none";
  }

  /** One process at a time reads the pointer and replaces it. */
  async #change(
    model: string,
    call: string,
    decide: (pointer: Pointer | null) => Choice | Promise<Choice>,
  ): Promise<Version> {
    const folder = this.#folder(model, call);
    if (!existsSync(folder)) this.#get(model, "1", call);
    const owned = claim(join(folder, "owner.json"), call, ONE_AT_A_TIME);
    try {
      const choice = await decide(repairedPointer(folder, call));
      if (choice) await writePointer(folder, { ...choice, since: new Date().toISOString() });
    } finally {
      owned.release();
    }
    return this.#get(model, readPointer(folder, call)?.version ?? "", call);
  }
}

/** What the pointer says from now on; null leaves it. */
type Choice = Pick<Pointer, "version" | "before"> | null;

const ONE_AT_A_TIME = "one process at a time promotes or rolls back; try again when it has ended";

function attempt(model: string, version: string, look: () => Version): Version | BrokenVersion {
  try {
    return look();
  } catch (error) {
    return { model, version, error: error instanceof Error ? error.message : String(error) };
  }
}
