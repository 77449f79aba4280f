import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { decodeModel } from "tensorgrad/onnx";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "start-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("start", () => {
  it("runs the whole path without data or network, and writes the page and the model", () => {
    const out = join(folder, "out");
    const { status, lines, errors } = start("--quick", "--json", "--seed", "1", "--out", out);
    expect(errors).toBe("");
    expect(status).toBe(0);
    expect(JSON.parse(lines.at(-1)!)).toMatchObject({
      xorAccuracy: 1,
      xorParity: expect.any(Number),
      dataset: "synthetic",
      equalPredictions: 500,
      testImages: 500,
      misses: [],
    });
    expect(readdirSync(out).sort()).toEqual(["index.html", "mlp.onnx"]);
    expect(decodeModel(readFileSync(join(out, "mlp.onnx"))).graph?.node).toHaveLength(3);
    checkPage(readFileSync(join(out, "index.html"), "utf8"));
  });

  it("refuses a folder that cannot be made, before any work", () => {
    writeFileSync(join(folder, "file"), "");
    const { status, lines, errors } = start("--out", join(folder, "file", "out"));
    expect(status).toBe(2);
    expect(lines).toEqual(["start: seed 1337"]);
    expect(errors.replaceAll(folder, "…")).toMatch(/^start --out .*ENOTDIR.* — expected a folder/);
    expect(existsSync(join(folder, "file", "out"))).toBe(false);
  });
});

/** Everything promised is on the page, and the page needs nothing else. */
function checkPage(page: string): void {
  for (const title of ["Loss", "Decision boundary", "Training loss", "Test accuracy", "Confusion matrix"]) {
    expect(page).toContain(`aria-label="${title}"`);
  }
  expect(page).toContain("The first 24 test images");
  expect(page).toContain('class="graph"');
  expect(page).toMatch(/<td[^>]*>logits, all 500 test images/);
  expect(page).toMatch(/<td[^>]*>every value and gradient at 1,025 points/);
  const text = page.replaceAll(/data:image[^"]*/g, "");
  expect(text.match(/✗ missed|NaN|undefined|\[object/)).toBeNull();
  // The only addresses are the names of SVG's XML namespaces, which nothing fetches.
  expect(new Set(text.match(/https?:[^"'\s)]*/g))).toEqual(
    new Set(["http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"]),
  );
  expect(text.match(/<script|<link rel="(?!icon)|@import|src="/)).toBeNull();
}

/** As `npm start` does, on a machine without data sets. */
function start(...args: string[]) {
  const script = fileURLToPath(new URL("./start.ts", import.meta.url));
  const child = spawnSync(process.execPath, ["--import", "tsx", script, ...args], {
    encoding: "utf8",
    env: { ...process.env, TENSORGRAD_DATA: "", XDG_CACHE_HOME: folder, LOCALAPPDATA: folder, HOME: folder },
  });
  return {
    status: child.status,
    lines: child.stdout.split("\n").filter(Boolean),
    errors: child.stderr.trim(),
  };
}
