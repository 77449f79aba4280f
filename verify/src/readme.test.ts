import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
mkdirSync(join(root, "out"), { recursive: true });
const folder = mkdtempSync(join(root, "out", "verify-readme-"));
afterAll(() => rmSync(folder, { recursive: true }));

const readme = readFileSync(join(root, "verify/README.md"), "utf8");
const blocks = [...readme.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code]) => code);

describe("verify/README.md", () => {
  it("has a Vitest file that passes as it stands, and fails with the fault that the text names", async () => {
    const file = blocks.find((code) => code.includes('from "vitest"')) ?? "";
    await expect(play(file, "right")).resolves.toBe(1);
    await expect(play(file.replace(".mul(3)", ".mul(2.999)"), "wrong")).rejects.toThrow(
      /^cube, gradient of input 0/,
    );
  });
});

/** Runs a test file here, its tests at once; returns how many there were. */
async function play(code: string, name: string): Promise<number> {
  const here = code.replace(
    'import { it } from "vitest";',
    "let ran = 0;\nconst it = (_: string, test: () => void) => {\n  test();\n  ran++;\n};",
  );
  const path = join(folder, `${name}.ts`);
  const entries: Record<string, string> = {
    tensorgrad: "tensorgrad/src/entries/index.ts",
    gradverify: "verify/src/index.ts",
  };
  const source = (_: string, entry: string) => `from ${JSON.stringify(join(root, entries[entry]))}`;
  writeFileSync(path, `${here.replaceAll(/from "(tensorgrad|gradverify)"/g, source)}\nexport { ran };\n`);
  return ((await import(/* @vite-ignore */ path)) as { ran: number }).ran;
}
