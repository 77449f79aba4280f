import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { withoutRedis } from "./lib/redis.ts";

const reason = withoutRedis();
const script = fileURLToPath(new URL("./score-batches.ts", import.meta.url));
const run = (...flags: string[]) =>
  spawnSync(process.execPath, ["--import", "tsx", script, "--quick", "--json", ...flags], {
    encoding: "utf8",
  });

it("is tried where everything is to be tried", () => {
  if (process.env.TENSORGRAD_TEST_ALL) expect(reason).toBeNull();
});

describe.skipIf(reason)(`60 shards, two workers${reason ? ` (skipped: ${reason})` : ""}`, () => {
  it("are all scored once each, though one worker is killed in the middle", { timeout: 120_000 }, () => {
    const { status, stdout, stderr } = run("--seed", "3");
    expect(status, stderr).toBe(0);
    const expected = { completed: 60, failed: 0, written: 60, images: 12_000, workers: 2, misses: [] };
    expect(JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "")).toMatchObject(expected);
  });
});

it("refuses a number of shards that is none", () => {
  const { status, stderr } = run("--shards", "0");
  expect(status).toBe(2);
  expect(stderr).toMatchInlineSnapshot(`
    "score-batches --quick --json --shards 0: option '--shards <count>' argument '0' is invalid. a whole number from 1 to 99999 — known flags: --quick · --seed <n> · --json · --shards <count> · --work <place> · -h, --help
    "
  `);
});
