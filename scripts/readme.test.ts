import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { format } from "node:util";
import { afterAll, describe, expect, it, vi } from "vitest";
import { markdownFiles, onSources, promises, root, snippets } from "./markdown.ts";

mkdirSync(join(root, "out"), { recursive: true });
const folder = mkdtempSync(join(root, "out", "snippets-"));
afterAll(() => rmSync(folder, { recursive: true }));

for (const file of markdownFiles()) {
  const blocks = snippets(readFileSync(join(root, file), "utf8"));
  if (blocks.length === 0) continue;
  describe(file, () => {
    it.each(blocks)("prints what line $line promises", async ({ line, code }) => {
      const path = join(folder, `${file.replaceAll(/\W/g, "-")}-${line}.ts`);
      writeFileSync(path, onSources(code));
      const printed: string[] = [];
      const log = vi
        .spyOn(console, "log")
        .mockImplementation((...args) => void printed.push(format(...args)));
      try {
        await import(/* @vite-ignore */ path);
      } finally {
        log.mockRestore();
      }
      expect(printed.map((text) => text.replaceAll(/\s+/g, " "))).toEqual(promises(code));
    });
  });
}
