import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { atLeast, atMost, isMain } from "./options.ts";

describe("exampleOptions", () => {
  it("reads the common flags, prints the seed, and leaves the JSON object on the last line", () => {
    const { status, lines } = run("--quick", "--seed", "7", "--json");
    expect(status).toBe(0);
    expect(lines).toMatchInlineSnapshot(`
      [
        "tiny: seed 7, quick",
        "seed   7",
        "quick  true",
        "loss   0.25",
        "out    out",
        "{"seed":7,"quick":true,"loss":0.25,"out":"out","misses":[]}",
      ]
    `);
    expect(JSON.parse(lines.at(-1)!)).toEqual({ seed: 7, quick: true, loss: 0.25, out: "out", misses: [] });
  });

  it("has defaults for every flag", () => {
    expect(run().lines).toMatchInlineSnapshot(`
      [
        "tiny: seed 1337",
        "seed   1337",
        "quick  false",
        "loss   0.25",
        "out    out",
      ]
    `);
  });

  it("takes the flags that one example adds", () => {
    expect(run("--out", "elsewhere").lines).toContain("out    elsewhere");
  });

  it("explains itself", () => {
    const { status, lines } = run("--help");
    expect(status).toBe(0);
    expect(lines.join("\n")).toMatchInlineSnapshot(`
      "Usage: tiny [options]
      A tiny example
      Options:
        --quick      a shorter run for tests and continuous integration
        --seed <n>   seed of all randomness, an integer ≥ 0 (default: 1337)
        --json       print the results as one JSON object on the last line
        --loss <x>   the loss to report (default: "0.25")
        --out <dir>  where to write (default: "out")
        -h, --help   display help for command"
    `);
  });
});

describe("exampleOptions, given what it does not know", () => {
  it("refuses an unknown flag", () => {
    expect(refusal("--sed", "3")).toMatchInlineSnapshot(
      `"tiny --sed 3: unknown option '--sed' (Did you mean --seed?) — known flags: --quick · --seed <n> · --json · --loss <x> · --out <dir> · -h, --help"`,
    );
  });

  it("refuses an unknown flag like no other", () => {
    expect(refusal("--epochs=3")).toMatchInlineSnapshot(
      `"tiny --epochs=3: unknown option '--epochs=3' — known flags: --quick · --seed <n> · --json · --loss <x> · --out <dir> · -h, --help"`,
    );
  });

  it("refuses a seed that is no number", () => {
    expect(refusal("--seed", "abc")).toMatchInlineSnapshot(
      `"tiny --seed abc: option '--seed <n>' argument 'abc' is invalid. Expected an integer from 0 to 2^53 - 1 — known flags: --quick · --seed <n> · --json · --loss <x> · --out <dir> · -h, --help"`,
    );
  });

  it("refuses a negative seed", () => {
    expect(refusal("--seed", "-1")).toMatchInlineSnapshot(
      `"tiny --seed -1: option '--seed <n>' argument '-1' is invalid. Expected an integer from 0 to 2^53 - 1 — known flags: --quick · --seed <n> · --json · --loss <x> · --out <dir> · -h, --help"`,
    );
  });

  it("refuses a fractional seed", () => {
    expect(refusal("--seed", "1.5")).toMatchInlineSnapshot(
      `"tiny --seed 1.5: option '--seed <n>' argument '1.5' is invalid. Expected an integer from 0 to 2^53 - 1 — known flags: --quick · --seed <n> · --json · --loss <x> · --out <dir> · -h, --help"`,
    );
  });

  it("refuses a seed beyond exact integers", () => {
    expect(refusal("--seed", "9007199254740993")).toMatchInlineSnapshot(
      `"tiny --seed 9007199254740993: option '--seed <n>' argument '9007199254740993' is invalid. Expected an integer from 0 to 2^53 - 1 — known flags: --quick · --seed <n> · --json · --loss <x> · --out <dir> · -h, --help"`,
    );
  });

  it("refuses a missing seed", () => {
    expect(refusal("--seed")).toMatchInlineSnapshot(
      `"tiny --seed: option '--seed <n>' argument missing — known flags: --quick · --seed <n> · --json · --loss <x> · --out <dir> · -h, --help"`,
    );
  });

  it("refuses a stray argument", () => {
    expect(refusal("fast")).toMatchInlineSnapshot(
      `"tiny fast: too many arguments. Expected 0 arguments but got 1 — known flags: --quick · --seed <n> · --json · --loss <x> · --out <dir> · -h, --help"`,
    );
  });
});

describe("finish", () => {
  it("names the missed target and exits with code 1", () => {
    const { status, lines } = run("--loss", "NaN", "--json");
    expect(status).toBe(1);
    expect(lines).toContain("missed: loss is NaN, the target is at most 0.5");
    expect(JSON.parse(lines.at(-1)!)).toMatchObject({
      loss: "NaN",
      misses: ["loss is NaN, the target is at most 0.5"],
    });
  });
});

describe("atLeast, atMost", () => {
  it("are silent on the target itself and count NaN as a miss", () => {
    expect(atLeast("accuracy", 0.97, 0.97)).toEqual([]);
    expect(atMost("error", 1e-5, 1e-5)).toEqual([]);
    expect(atLeast("accuracy", Number.NaN, 0.97)).toMatchInlineSnapshot(`
      [
        "accuracy is NaN, the target is at least 0.97",
      ]
    `);
    expect(atMost("error", 2e-5, 1e-5)).toMatchInlineSnapshot(`
      [
        "error is 0.00002, the target is at most 0.00001",
      ]
    `);
  });
});

describe("isMain", () => {
  it("is false for a module that was imported", () => {
    expect(isMain(import.meta.url)).toBe(false);
  });
});

/** Runs the small example beside this test as a user would. */
function run(...args: string[]) {
  const script = fileURLToPath(new URL("./options.fixture.ts", import.meta.url));
  const child = spawnSync(process.execPath, ["--import", "tsx", script, ...args], { encoding: "utf8" });
  return {
    status: child.status,
    lines: child.stdout.split("\n").filter(Boolean),
    errors: child.stderr.trim(),
  };
}

/** What a refused call says; it must leave standard output empty and end with code 2. */
function refusal(...args: string[]): string {
  const { status, lines, errors } = run(...args);
  expect({ status, lines }).toEqual({ status: 2, lines: [] });
  return errors;
}
