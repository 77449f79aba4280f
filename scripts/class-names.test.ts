import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build, type Plugin, transform } from "esbuild";
import { describe, expect, it } from "vitest";
import { withClassNames } from "./class-names.ts";

const entries = fileURLToPath(new URL("../tensorgrad/src/entries/", import.meta.url));

/** What the build does to each file before a user's bundler sees it. */
const named: Plugin = {
  name: "class names",
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const { code } = await transform(readFileSync(path, "utf8"), { loader: "ts", target: "es2022" });
      return { contents: withClassNames(code), loader: "js" };
    });
  },
};

async function minified(contents: string, plugins: Plugin[]): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: entries },
    ...{ bundle: true, minify: true, write: false, format: "esm", platform: "browser" },
    ...{ target: "es2022", plugins, logLevel: "silent" },
  });
  return outputFiles[0].text;
}

const load = async (code: string): Promise<Record<string, unknown>> =>
  import(/* @vite-ignore */ `data:text/javascript;base64,${Buffer.from(code).toString("base64")}`);

const wrong = (exports: Record<string, unknown>): string[] =>
  Object.entries(exports).flatMap(([name, value]) =>
    typeof value === "function" && /^class\b/.test(String(value)) && value.name !== name ? [name] : [],
  );

describe("class names", () => {
  it("survive a minifier", async () => {
    const contents = 'export * from "./nn.ts"; export * from "./optim.ts"; export * from "./index.ts";';
    const exports = await load(await minified(contents, [named]));
    expect(wrong(exports)).toEqual([]);
    const model = Reflect.construct(exports.Linear as never, [2, 3]);
    expect(String(model)).toContain("Linear(2 → 3)");
    expect(wrong(await load(await minified(contents, [])))).toContain("Linear"); // without, they do not
  });

  it("keep no class in a bundle that nobody uses", async () => {
    const contents = 'export { Random } from "./index.ts"; import "./nn.ts";';
    const [bare, with_] = [await minified(contents, []), await minified(contents, [named])];
    expect(with_).not.toContain('"AdaptiveMaxPool2d"');
    expect(bare.length).toBeGreaterThan(1000);
  });

  it("go into every kind of head", () => {
    const code = "export class A extends B {\n  x;\n}\nclass C {\n}\nexport class D extends layer(relu) {}\n";
    expect(withClassNames(code).match(/static name = "(\w)"/g)).toHaveLength(3);
    expect(withClassNames(code)).toContain('export class D extends layer(relu) {\n    static name = "D";\n}');
  });
});
