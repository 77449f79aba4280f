import { spawnSync } from "node:child_process";
import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { scope, zeros } from "tensorgrad";
import { Linear } from "tensorgrad/nn";
import { exportOnnx } from "tensorgrad/onnx";
import { build as viteBuild } from "vite";
import { afterAll, describe, expect, it } from "vitest";
import { findChromium } from "../notes/lib/chromium.ts";
import { checkBrowser } from "./browser-check.ts";
import { FreshProject, folders } from "./fresh-project.fixture.ts";
import { promises, root, snippets } from "./markdown.ts";

const project = new FreshProject();
afterAll(() => project[Symbol.dispose]());

const installed = (name: string, file: string): string => join(project.folder, "node_modules", name, file);

describe.each(project.manifests.map((manifest, i) => ({ ...manifest, i })))(
  "the package $name",
  ({ name, exports, i }) => {
    it("carries its license, and only what it needs", () => {
      const { stdout } = spawnSync("tar", ["-tzf", project.tarballs[i]], { encoding: "utf8" });
      const paths = stdout.split("\n").map((path) => path.replace(/^package\//, ""));
      expect(paths).toEqual(expect.arrayContaining(["LICENSE", "README.md", "package.json"]));
      expect(readFileSync(installed(name, "LICENSE"), "utf8")).toBe(
        readFileSync(join(root, "LICENSE"), "utf8"),
      );
      expect(paths.filter((path) => /\.test\.|\.fixture\.|\.simd\.|^src|\.map$/.test(path))).toEqual([]);
      const mapped = paths
        .filter((path) => path.endsWith(".js"))
        .filter((path) => readFileSync(installed(name, path), "utf8").includes("sourceMappingURL="));
      expect(mapped).toEqual([]);
    });

    it("has every file that its manifest names", () => {
      const targets = Object.values(exports).flatMap((target) =>
        typeof target === "string" ? [target] : Object.values(target),
      );
      expect(targets.filter((file) => !existsSync(installed(name, file)))).toEqual([]);
    });

    it("is in order for publint", async () => {
      const pkgDir = installed(name, ".");
      const { messages, pkg } = await publint({ pkgDir, level: "warning", pack: false });
      expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
    });

    it("is in order for attw: every entry has types of its own kind", () => {
      const attw = join(root, "node_modules/.bin/attw");
      const { status, stdout } = project.run(attw, project.tarballs[i], "--profile", "esm-only", "--quiet");
      expect(status, stdout).toBe(0);
    });
  },
);

/** What can be imported: `tensorgrad/nn`. */
const entries = project.manifests.flatMap(({ name, exports }) =>
  Object.keys(exports)
    .filter((entry) => !entry.endsWith(".json"))
    .map((entry) => join(name, entry).replaceAll("\\", "/")),
);

describe("a fresh project, without onnxruntime-node", () => {
  it("imports every entry in plain Node", () => {
    const imports = entries
      .filter((entry) => entry !== "gradverify/vitest") // for those who have Vitest
      .map((entry) => `await import("${entry}");\n`);
    const program = project.write("entries.js", `${imports.join("")}console.log("imported");`);
    const { stdout, stderr } = project.run(process.execPath, program);
    expect(stdout, stderr).toBe("imported\n");
  });

  it("checks gradients with the command gradverify", () => {
    const { status, stdout, stderr } = project.command(
      "gradverify",
      "gradients",
      "--quick",
      "--filter",
      "tanh",
    );
    expect(status, stderr).toBe(0);
    expect(stdout).toMatch(/all right in/);
  });

  it("compares an ONNX file with ONNX Runtime once that is installed, and says how to install it", () => {
    using _ = scope();
    writeFileSync(join(project.folder, "model.onnx"), exportOnnx(new Linear(3, 2), zeros([2, 3])));
    const without = project.command("gradverify", "parity", "model.onnx");
    expect(without.status).toBe(2);
    expect(without.stderr).toMatch(/^runOnnx: onnxruntime-node cannot be loaded — .*npm install/);
    project.install("onnxruntime-node");
    const { status, stdout, stderr } = project.command("gradverify", "parity", "model.onnx");
    expect(status, stderr).toBe(0);
    expect(stdout).toMatch(/no node differs by itself/);
  });
});

describe("npm install of the packed packages", () => {
  const registry = spawnSync("npm", ["view", "fast-check", "name"], { shell: process.platform === "win32" });

  it.skipIf(registry.status !== 0)("brings all that they need, by a registry alone", () => {
    const home = "installed";
    project.write(`${home}/package.json`, '{ "private": true, "type": "module" }');
    const program = project.write(
      `${home}/program.js`,
      `import { tensor } from "tensorgrad";
      import { checkGradients, tensors } from "gradverify";
      import { Value } from "micrograd";
      const { failure } = checkGradients((x) => x.tanh(), [tensors()], { runs: 3 });
      console.log(failure, tensor([[1, 2]]).matmul(tensor([[3], [4]])).item(), new Value(2).mul(3).data);`,
    );
    const flags = ["--prefix", home, "--ignore-scripts", "--no-audit", "--no-fund"];
    const { status, stderr } = project.run("npm", "install", ...flags, ...project.tarballs);
    expect(status, stderr).toBe(0);
    expect(project.run(process.execPath, program).stdout).toBe("null 11 6\n");
  });
});

describe("what the READMEs show", () => {
  const shown = folders.flatMap((folder) =>
    snippets(readFileSync(join(root, folder, "README.md"), "utf8")).map(({ line, code }) => ({
      file: `${folder}-${line}`,
      code,
    })),
  );

  it("passes the compiler, and so do all types, without skipLibCheck", () => {
    project.install("@types/node", "vitest", "onnxruntime-node");
    for (const { file, code } of shown) project.write(`${file}.ts`, `${code}export {};\n`);
    project.write("entries.ts", entries.map((entry) => `import "${entry}";\n`).join(""));
    const compilerOptions = {
      ...{ target: "ES2022", module: "nodenext", lib: ["ES2022", "DOM"], types: ["node"] },
      ...{ strict: true, skipLibCheck: false, outDir: "js", rootDir: "." },
    };
    project.write("tsconfig.json", JSON.stringify({ compilerOptions, include: ["*.ts"] }));
    const { status, stdout } = project.run(join(root, "node_modules/.bin/tsc"));
    expect([status, stdout]).toEqual([0, ""]);
  });

  const program = `
    import { format } from "node:util";
    const printed = {};
    const { log } = console;
    for (const file of ${JSON.stringify(shown.map(({ file }) => file))}) {
      printed[file] = [];
      console.log = (...args) => printed[file].push(format(...args).replaceAll(/\\s+/g, " "));
      await import("./js/" + file + ".js");
    }
    log(JSON.stringify(printed));`;

  it.for([
    { runtime: "node", flags: [] },
    { runtime: "node22", flags: [] },
    { runtime: "node24", flags: [] },
    { runtime: "bun", flags: [] },
    { runtime: "deno", flags: ["run", "--allow-all", "--node-modules-dir=manual"] },
  ])("prints in $runtime what it promises", ({ runtime, flags }, { skip }) => {
    if (spawnSync(runtime, ["--version"]).status !== 0)
      return skip(`there is no ${runtime} in PATH — scripts/runtimes.sh`);
    const { stdout, stderr } = project.run(runtime, ...flags, project.write("readme.js", program));
    expect(stdout, stderr).not.toBe("");
    expect(JSON.parse(stdout)).toEqual(
      Object.fromEntries(shown.map(({ file, code }) => [file, promises(code)])),
    );
  });
});

const chromium = findChromium();

describe.skipIf(!chromium)("bundles in Chromium (CHROMIUM=<path> names it where it is not in PATH)", () => {
  const pages = entries.filter(
    (entry) => !/\/(node|agreement|serving|distributed|vitest)$|^gradverify/.test(entry),
  );
  const source = () => {
    const fixture = readFileSync(join(root, "tensorgrad/tests/runtimes.fixture.ts"), "utf8");
    const asUsers = fixture.replaceAll(/"\.\.\/src\/entries\/(\w+)\.ts"/g, (_, name: string) =>
      JSON.stringify(name === "index" ? "tensorgrad" : `tensorgrad/${name}`),
    );
    project.write("runtimes.ts", asUsers);
    const imports = pages.map((entry, i) => `import * as entry${i} from "${entry}";\n`).join("");
    const names = pages.map((_, i) => `entry${i}`).join(", ");
    return project.write(
      "page.ts",
      `${imports}import { trainXor } from "./runtimes.ts";\nObject.assign(globalThis, { trainXor, all: [${names}] });\n`,
    );
  };
  const outdir = (name: string): string => join(project.folder, name);

  it("of esbuild give Node's numbers, with the kernels in a file and without", async () => {
    const folder = outdir("esbuild");
    await build({
      ...{ entryPoints: [source()], bundle: true, minify: true, splitting: true },
      ...{ platform: "browser", format: "esm", target: "es2022", outdir: folder },
      ...{ entryNames: "js/[name]", chunkNames: "js/[name]-[hash]" },
    });
    const site = { folder, program: "js/page.js" };
    const [embedded] = await checkBrowser(chromium ?? "", site, ["isolated"]);
    expect(embedded).toMatchObject({ isolated: true, differences: [] });
    expect(embedded.files.filter((file) => /\/kernels-\w+\.js$/.test(file))).toHaveLength(1);
    cpSync(installed("tensorgrad", "dist/generated"), join(folder, "generated"), { recursive: true });
    const [inFile] = await checkBrowser(chromium ?? "", site, ["isolated"]);
    expect(inFile).toMatchObject({ isolated: true, differences: [] });
    expect(inFile.files.filter((file) => /kernels-|\.wasm$/.test(file))).toEqual(["/generated/relaxed.wasm"]);
  });

  it("of Vite give Node's numbers, with the kernels in a file of their own", async () => {
    const folder = outdir("vite");
    source();
    await viteBuild({
      ...{ root: project.folder, configFile: false, logLevel: "silent" },
      build: { outDir: folder, rolldownOptions: { input: "page.ts", output: { entryFileNames: "page.js" } } },
    });
    const [page] = await checkBrowser(chromium ?? "", { folder, program: "page.js" }, ["isolated"]);
    expect(page).toMatchObject({ isolated: true, differences: [] });
    expect(page.files.filter((file) => /kernels-|\.wasm$/.test(file))).toEqual([
      expect.stringMatching(/^\/assets\/relaxed-[\w-]+\.wasm$/),
    ]);
  });
});

describe('import { tensor } from "tensorgrad"', () => {
  it("takes at most 45 kB of JavaScript and 60 kB of WebAssembly, minified and gzipped", async () => {
    const program = project.write(
      "small.js",
      'import { tensor } from "tensorgrad";\nconsole.log(tensor([1]));\n',
    );
    const { outputFiles, metafile } = await build({
      ...{
        entryPoints: [program],
        bundle: true,
        minify: true,
        splitting: true,
        write: false,
        metafile: true,
      },
      ...{ platform: "browser", format: "esm", target: "es2022", outdir: join(project.folder, "small") },
    });
    const size = (bytes: Uint8Array): number => gzipSync(bytes, { level: 9 }).length;
    const loaded = (name: string): string[] => [
      name,
      ...metafile.outputs[name].imports
        .filter(({ kind }) => kind === "import-statement")
        .flatMap(({ path }) => loaded(path)),
    ];
    const first = Object.keys(metafile.outputs).find((name) => name.endsWith("small.js")) ?? "";
    const names = new Set(loaded(first).map((name) => basename(name)));
    const files = outputFiles.filter(({ path }) => names.has(basename(path)));
    expect(files.length).toBe(names.size);
    expect(files.reduce((sum, { contents }) => sum + size(contents), 0)).toBeLessThanOrEqual(45_000);
    for (const level of ["baseline", "relaxed"])
      expect(size(readFileSync(installed("tensorgrad", `dist/generated/${level}.wasm`)))).toBeLessThanOrEqual(
        60_000,
      );
  });
});
