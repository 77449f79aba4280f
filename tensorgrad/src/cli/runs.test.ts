import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { finish, makeRun } from "../../tests/07-training/training-run.fixture.ts";
import { type Answer, runsIn } from "../../tests/cli/runs.fixture.ts";
import { Experiment } from "../entries/train/node.ts";
import { main } from "./main.ts";

let root: string;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "runs-cli-"));
  for (const [seed, hidden] of [8, 12, 12].entries()) {
    const experiment = new Experiment({ name: "spiral", root, seed, config: { hidden } });
    await finish(makeRun({ seed, hidden, callbacks: [experiment] }));
  }
});
afterAll(() => rmSync(root, { recursive: true }));

const runs = (...args: string[]): Promise<Answer> => runsIn(root, ...args);

describe("tensorgrad runs", () => {
  it("lists", async () => {
    const { code, out } = await runs("list");
    expect(code).toBe(0);
    const [head, ...rows] = out.split("\n");
    expect(head).toMatch(/^id +started \(UTC\) +seed +epochs +steps +status +best \(epoch\)$/);
    expect(rows).toHaveLength(3);
    expect(rows[0]).toMatch(
      /^spiral-001 +\d{4}-\d\d-\d\d \d\d:\d\d +\d+ +4 +128 +finished +loss \S+ \(\d\), accuracy \S+ \(\d\)$/,
    );
    expect(JSON.parse((await runs("list", "--json")).out)).toMatchObject([
      { id: "spiral-001", steps: 128 },
      {},
      {},
    ]);
  });

  it("compares", async () => {
    const { code, out } = await runs("compare", "spiral-001", "spiral-002");
    expect(code).toBe(0);
    expect(out).toMatch(/Configuration, where it differs\n +spiral-001 +spiral-002\n +hidden +8 +12\n +seed/);
    expect(out).toMatch(/Best of all epochs\n.*\n +train\.loss +[\d.]+ +[\d.]+\n/);
    expect(
      JSON.parse((await runs("compare", "spiral-001", "spiral-002", "--json")).out).config.hidden,
    ).toEqual([8, 12]);
  });

  it("refuses what it cannot do, with exit code 2", async () => {
    expect(await runs("compare", "spiral-001", "spirl-002")).toMatchInlineSnapshot(`
      {
        "code": 2,
        "err": "tensorgrad: runs: no run spirl-002 — there are spiral-001, spiral-002, spiral-003; did you mean spiral-002?
      ",
        "out": "",
      }
    `);
    expect((await runs("replay")).code).toBe(2);
    expect((await runs("frobnicate")).code).toBe(2);
    let err = "";
    const code = await main(
      ["runs", "list", "--folder", join(root, "none")],
      () => {},
      (text) => {
        err += text;
      },
    );
    expect([code, err.replaceAll(root, "…")]).toMatchInlineSnapshot(`
      [
        2,
        "tensorgrad: runs: …/none does not exist — a training with an Experiment among its callbacks makes them; name another folder with --folder
      ",
      ]
    `);
    const path = join(root, "spiral-003", "metrics.jsonl");
    const text = readFileSync(path, "utf8");
    writeFileSync(path, text.replace("{", "oops {"));
    expect(await runs("compare", "spiral-001", "spiral-003")).toMatchInlineSnapshot(`
      {
        "code": 2,
        "err": "tensorgrad: …/spiral-003/metrics.jsonl, line 1: "oops {\\"kind\\":\\"step\\",\\"step\\":1,\\"epoch\\":1,\\"batch\\":1,\\"loss\\":1.09…" — expected a step or an epoch as JSON; the file is damaged
      ",
        "out": "",
      }
    `);
    writeFileSync(path, text);
  });
});
