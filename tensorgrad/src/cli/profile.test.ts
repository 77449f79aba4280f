import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { main } from "./main.ts";

describe("tensorgrad profile", () => {
  it("refuses a script that is not there, and a table of no rows", async () => {
    const messages: string[] = [];
    const run = (...args: string[]) =>
      main(
        ["profile", ...args],
        () => {},
        (text) => messages.push(text),
      );
    expect(await run("nowhere.ts")).toBe(2);
    expect(await run("--top", "0", fileURLToPath(import.meta.url))).toBe(2);
    expect(messages.map((text) => text.replace(/\n$/, ""))).toMatchInlineSnapshot(`
      [
        "tensorgrad: profile: nowhere.ts — no such file; give the path of a script",
        "tensorgrad: profile: --top 0 — an integer, 1 or more",
      ]
    `);
  });
});
