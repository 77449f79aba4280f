import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { bundleLive, liveParts } from "./bundle.ts";

/** A page may weigh 300 kB: the site's own scripts, styles and text take 95, the kernels 56. */
const LIMIT = 300_000 - 95_000 - 56_000;

describe("live parts", () => {
  it("bring no more of the libraries than they use, workers included", async () => {
    const folder = mkdtempSync(join(tmpdir(), "live-weights-"));
    await bundleLive(liveParts(), folder);
    const weights = liveParts()
      .filter((name) => name !== "edit") // loaded at the first Edit
      .map((name) => {
        const files = ["main.js", "worker.js"].flatMap((file) => [...loadedBy(join(folder, name, file))]);
        return [
          name,
          [...new Set(files)].reduce((sum, file) => sum + gzipSync(readFileSync(file)).length, 0),
        ] as const;
      });
    rmSync(folder, { recursive: true, force: true });
    expect(weights.length).toBeGreaterThan(5);
    expect(weights.filter(([, bytes]) => bytes > LIMIT || bytes < 1000)).toEqual([]);
  });
});

/** A script and all that it imports at once. */
function loadedBy(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file) || !existsSync(file)) return seen;
  seen.add(file);
  const text = readFileSync(file, "utf8");
  for (const [, path] of text.matchAll(/(?:from|import)\s*"(\.{1,2}\/[^"]+\.js)"/g))
    loadedBy(join(dirname(file), path), seen);
  return seen;
}
