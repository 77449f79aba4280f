// own process: servers listen
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { zeros } from "../01-tensor/index.ts";
import { Linear } from "../03-layers/index.ts";
import { exportOnnx } from "../onnx/index.ts";
import { main } from "./main.ts";
import { addServe } from "./serve.ts";

const folder = mkdtempSync(join(tmpdir(), "serve-cli-"));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

/** Serves until `ask` has its answer. */
async function serving<T>(
  args: readonly string[],
  ask: (url: string) => Promise<T>,
): Promise<{ answer: T; printed: string[] }> {
  const printed: string[] = [];
  let answer: T | undefined;
  const stop = async () => {
    answer = await ask(/http:\S+?(?=,|$)/.exec(printed[0])?.[0] ?? "");
  };
  const program = new Command().exitOverride();
  addServe(program, { print: (line) => printed.push(line), stop });
  await program.parseAsync(["serve", "--port", "0", "--log", "error", ...args], { from: "user" });
  return { answer: answer as T, printed: printed.map((line) => line.replace(/:\d+/, ":port")) };
}

describe("tensorgrad serve", () => {
  it("serves an ONNX file under its own name", async () => {
    const path = join(folder, "my digits.onnx");
    writeFileSync(path, exportOnnx(new Linear(2, 1), zeros([1, 2])));
    const { answer, printed } = await serving([path], async (url) =>
      (await fetch(`${url}/v2/models/my-digits`)).json(),
    );
    expect(answer).toMatchObject({ name: "my-digits", platform: "onnxruntime" });
    expect(printed).toMatchInlineSnapshot(`
      [
        "my-digits: http://127.0.0.1:port",
        "my-digits: answers what it has taken, then ends",
      ]
    `);
  });

  it("serves what a module exports, to those who have a key", async () => {
    const path = join(folder, "model.mjs");
    writeFileSync(
      path,
      "export const model = { name: 'ignored', infer: async (x) => x, schema: { inputs: [], outputs: [] }, version: '7', engine: 'own', batched: false };",
    );
    writeFileSync(join(folder, "keys"), "\nfirst\n  second \n");
    vi.stubEnv("TENSORGRAD_KEYS", "third");
    const { answer, printed } = await serving([path, "--keys", join(folder, "keys")], (url) =>
      Promise.all(
        ["first", "second", "third", "fourth"].map(
          async (key) => (await fetch(`${url}/v2`, { headers: { authorization: `Bearer ${key}` } })).status,
        ),
      ),
    );
    expect(answer).toEqual([200, 200, 200, 401]);
    expect(printed[0]).toMatch(/, 3 keys$/);
  });

  it("ends with 2 and a sentence for a bad call", async () => {
    const empty = join(folder, "empty.mjs");
    writeFileSync(empty, "");
    writeFileSync(join(folder, "none"), "\n");
    const calls = [
      ["nothing.onnx"],
      ["nothing.ts"],
      [empty],
      [empty, "--keys", join(folder, "none")],
      [empty, "--port", "x"],
      [empty, "--log", "loud"],
    ];
    const told: string[] = [];
    for (const args of calls) {
      const code = await main(
        ["serve", ...args],
        () => {},
        (text) => told.push(text.replaceAll(folder, "folder")),
      );
      expect(code).toBe(2);
    }
    expect(told).toMatchInlineSnapshot(`
      [
        "tensorgrad: serve: nothing.onnx — no such file or folder
      ",
        "tensorgrad: serve: nothing.ts — no such file
      ",
        "tensorgrad: serve: folder/empty.mjs exports no \`model\` — export const model = …
      ",
        "tensorgrad: serve: --keys folder/none — it holds no key; a server without keys is asked for by leaving this out
      ",
        "error: option '--port <n>' argument 'x' is invalid. an integer
      ",
        "error: option '--log <level>' argument 'loud' is invalid. Allowed choices are error, warn, info, debug.
      ",
      ]
    `);
  });
});
