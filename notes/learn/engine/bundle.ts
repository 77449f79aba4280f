import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { type BuildContext, type BuildFailure, context, type Plugin } from "esbuild";

/** Texts that take the place of files while a bundle is made, by path from the project's root. */
export type Overlay = ReadonlyMap<string, string>;

export interface Bundle {
  /** An ES module that exports `load`: the parts by name, evaluated when they are asked for. */
  readonly path: string;
  /** The source map, as JSON. */
  readonly map: string;
}

/** A file that does not parse, or imports what is not there. */
export class BundleError extends Error {
  override readonly name = "BundleError";
  /** From the project's root; null where esbuild names no place. */
  readonly file: string | null;
  readonly line: number | null;
  readonly code: string | null;

  constructor(message: string, file: string | null, line: number | null, code: string | null) {
    super(message);
    this.file = file;
    this.line = line;
    this.code = code;
  }
}

/** The overlay's text under this name is what a program imports from `learn:answers`. */
export const answersFile = "answers.ts";
const workspaceNames = /^(micrograd|tensorgrad|gradverify)(\/|$)/;

/**
 * Makes programs of the sources with some of them replaced. It keeps what esbuild knows of unchanged files: the second bundle takes
 * a fraction of the first one's time.
 */
export class Bundler implements AsyncDisposable {
  readonly #root: string;
  readonly #out: string;
  /** Files that say where they are: in a bundle they would be somewhere else. */
  readonly #placed: ReadonlySet<string>;
  #context: BuildContext | null = null;
  #names = "";
  #overlay: Overlay = new Map();
  #entry = "";
  #last: Promise<unknown> = Promise.resolve();

  constructor(root: string, out = join(root, "out/learn")) {
    this.#root = root;
    this.#out = out;
    this.#placed = new Set(filesThatSay(root, "import.meta.url"));
  }

  /**
   * The program `entry` (a text that imports by absolute path), with the overlay's files in place of the real ones.
   *
   * Throws    BundleError with the place of a syntax error or a missing export
   */
  async bundle(entry: string, overlay: Overlay): Promise<Bundle> {
    const turn = this.#last.then(() => this.#make(entry, overlay));
    this.#last = turn.catch(() => {});
    return await turn;
  }

  async #make(entry: string, overlay: Overlay): Promise<Bundle> {
    this.#entry = entry;
    this.#overlay = overlay;
    const built = await (await this.#prepared()).rebuild().catch((error: BuildFailure) => {
      throw this.#named(error);
    });
    const [map, code] = [".map", ".js"].map(
      (end) => built.outputFiles!.find(({ path }) => path.endsWith(end))!,
    );
    const hash = createHash("sha256").update(code.contents).digest("hex").slice(0, 16);
    const path = join(this.#out, `${hash}.mjs`);
    mkdirSync(this.#out, { recursive: true });
    if (!existsSync(path)) writeFileSync(path, code.contents);
    return { path, map: map.text };
  }

  /** One context as long as the same files are overlaid: esbuild asks about those names only. */
  async #prepared(): Promise<BuildContext> {
    const names = [...new Set([...this.#placed, ...this.#overlay.keys()].map((file) => basename(file)))];
    const pattern = `[\\\\/](${names.map((name) => name.replaceAll(".", "\\.")).join("|")})$`;
    if (this.#context && this.#names === pattern) return this.#context;
    await this.#context?.dispose();
    this.#names = pattern;
    this.#context = await context({
      entryPoints: ["learn:entry"],
      bundle: true,
      platform: "node",
      format: "esm",
      target: "node20",
      sourcemap: "external",
      sourcesContent: false,
      write: false,
      outdir: this.#out,
      logLevel: "silent",
      logLimit: 3,
      legalComments: "none",
      absWorkingDir: this.#root,
      tsconfigRaw: { compilerOptions: { target: "ES2022", useDefineForClassFields: true } },
      plugins: [this.#plugin(new RegExp(pattern))],
    });
    return this.#context;
  }

  #plugin(filter: RegExp): Plugin {
    return {
      name: "learn",
      setup: (build) => {
        build.onResolve({ filter: /^learn:entry$/ }, () => ({ path: "entry", namespace: "learn" }));
        build.onLoad({ filter: /.*/, namespace: "learn" }, () => ({
          ...{ contents: this.#entry, resolveDir: this.#root, loader: "ts" as const },
        }));
        build.onResolve({ filter: /^learn:answers$/ }, () => ({
          path: answersFile,
          namespace: "learn-answers",
        }));
        build.onLoad({ filter: /.*/, namespace: "learn-answers" }, () => ({
          ...{ contents: this.#overlay.get(answersFile) ?? "export {};", loader: "ts" as const },
        }));
        // A package's name: ours are sources, all others stay outside.
        build.onResolve({ filter: /^(@|node:|[\w-]+(\/|$))/ }, ({ path, kind }) => {
          if (kind === "entry-point") return null;
          return workspaceNames.test(path) ? { path: entryOf(this.#root, path) } : { path, external: true };
        });
        build.onResolve({ filter }, ({ path, resolveDir }) => {
          const file = join(resolveDir, path);
          return path.startsWith(".") && this.#overlay.has(this.#shown(file)) ? { path: file } : null;
        });
        build.onLoad({ filter }, ({ path }) => {
          const file = this.#shown(path);
          const text =
            this.#overlay.get(file) ?? (this.#placed.has(file) ? readFileSync(path, "utf8") : null);
          if (text === null) return null;
          const place = JSON.stringify(pathToFileURL(path).href);
          return { contents: text.replaceAll("import.meta.url", place), loader: "ts" };
        });
      },
    };
  }

  #shown(path: string): string {
    return relative(this.#root, path).replaceAll("\\", "/");
  }

  #named(error: BuildFailure): Error {
    const [first] = error.errors ?? [];
    if (!first) return error;
    const { location, text } = first;
    return new BundleError(
      text,
      location?.file.replace("learn-answers:", "") ?? null,
      location?.line ?? null,
      location?.lineText ?? null,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#last;
    await this.#context?.dispose();
  }
}

/** `tensorgrad/nn` → its file in entries/. */
function entryOf(root: string, name: string): string {
  const [library, ...rest] = name.split("/");
  if (library === "tensorgrad")
    return join(root, "tensorgrad/src/entries", `${rest.join("/") || "index"}.ts`);
  return join(root, library === "gradverify" ? "verify" : library, "src", `${rest.join("/") || "index"}.ts`);
}

/** Sources of the libraries that contain a text, from the root. */
function filesThatSay(root: string, text: string): string[] {
  return ["micrograd/src", "tensorgrad/src"]
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) =>
      readdirSync(join(root, folder), { encoding: "utf8", recursive: true })
        .filter((file) => /(?<!\.test|\.simd)\.ts$/.test(file) && !file.includes("generated"))
        .map((file) => `${folder}/${file.replaceAll("\\", "/")}`)
        .filter((file) => readFileSync(join(root, file), "utf8").includes(text)),
    );
}
