import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { finish, makeRun } from "../../tests/07-training/training-run.fixture.ts";
import { type Answer, runsIn } from "../../tests/cli/runs.fixture.ts";
import { Experiment } from "../entries/train/node.ts";
import { main } from "./main.ts";
import { printable } from "./printable.ts";

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

describe("tensorgrad runs report", () => {
  it("writes one run as a page with results, curves, configuration and environment", async () => {
    const path = join(root, "page.html");
    const answer = await runs("report", "spiral-002", "--out", path);
    expect({ ...answer, out: answer.out.replaceAll(root, "…") }).toEqual({
      code: 0,
      out: "…/page.html is written",
      err: "",
    });
    const page = readFileSync(path, "utf8");
    for (const text of [
      "<h1>spiral-002</h1>",
      "with seed 1",
      "train.loss",
      '<td class="text">hidden</td>',
      "node",
    ])
      expect(page).toContain(text);
    expect(page.match(/<svg/g)?.length).toBeGreaterThanOrEqual(2);
    expect(page).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)/);
  });

  it("names the runs there are, when it is asked for another", async () => {
    const { code, err } = await runs("report", "spiral-009");
    expect(code).toBe(2);
    expect(err).toContain("spiral-001, spiral-002, spiral-003");
  });
});

describe("tensorgrad runs replay of a folder from elsewhere", () => {
  /** A run whose record was changed, and what replaying it printed. */
  async function replayOf(
    changes: object,
    answer: boolean | null,
    environment: object = {},
  ): Promise<Answer> {
    const elsewhere = mkdtempSync(join(tmpdir(), "elsewhere-"));
    cpSync(join(root, "spiral-001"), join(elsewhere, "spiral-001"), { recursive: true });
    for (const [name, change] of Object.entries({ "run.json": changes, "environment.json": environment })) {
      const path = join(elsewhere, "spiral-001", name);
      writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, "utf8")), ...change }));
    }
    let [out, err] = ["", ""];
    const code = await main(
      ["runs", "replay", "spiral-001", "--folder", elsewhere],
      (line) => {
        out += line;
      },
      (text) => {
        err += text;
      },
      async () => answer,
    );
    rmSync(elsewhere, { recursive: true });
    return { code, out, err: err.replaceAll(elsewhere, "…").replaceAll(process.execPath, "node") };
  }
  const mark = (): string => join(root, "mark");
  const command = () => ({
    node: [
      "-e",
      `fs.writeFileSync(${JSON.stringify(mark())}, process.env.SECRET + process.env.TENSORGRAD_X)`,
    ],
    program: [],
    folder: root,
  });

  it("shows the command, and runs it only if the answer is yes", async () => {
    const no = await replayOf({ command: command() }, false, { variables: {} });
    expect([no.code, existsSync(mark())]).toEqual([2, false]);
    expect(no.err.replaceAll(root, "…")).toMatchInlineSnapshot(`
      "in …:
        node -e 'fs.writeFileSync("…/mark", process.env.SECRET + process.env.TENSORGRAD_X)'
      tensorgrad: runs replay spiral-001: not run — read it, then pass --yes
      "
    `);
    const yes = await replayOf({ command: command() }, true, {
      variables: { SECRET: "no", TENSORGRAD_X: "1" },
    });
    expect([yes.code, readFileSync(mark(), "utf8")]).toEqual([1, "undefined1"]);
  });

  it("prints whatever is in the record so that a terminal does nothing of it", async () => {
    const text = fc.string({
      unit: fc.oneof(
        fc.constantFrom("\x1b", "\x9b", "\r", "\n", "\u202e", "'"),
        fc.string({ minLength: 1, maxLength: 1, unit: "binary" }),
      ),
    });
    await fc.assert(
      fc.asyncProperty(text, fc.oneof(fc.constant("spiral-001"), text), async (word, id) => {
        const { code, out, err } = await replayOf(
          { id, command: { node: [word], program: [], folder: word } },
          false,
        );
        expect(code).toBe(2);
        expect(out + err).toBe(printable(out + err, "\n"));
        expect(err.split("\n").length).toBeLessThan(6); // nor does a name make up lines of its own
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  it("says that the folder it was made in is not here", async () => {
    const { code, err } = await replayOf({ command: { ...command(), folder: "/nowhere/at/all" } }, true);
    expect([code, err.split("\n").at(-2)]).toMatchInlineSnapshot(`
      [
        2,
        "tensorgrad: replay: the run spiral-001 was made in /nowhere/at/all, which is not here — replay it on the machine it was made on",
      ]
    `);
  });
});

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
    const unseen = await runs("replay", "spiral-001");
    expect(
      unseen.err.replaceAll(process.cwd(), "~").replace(/^ {2}.*$/m, "  (the command)"),
    ).toMatchInlineSnapshot(`
      "in ~:
        (the command)
      tensorgrad: runs replay spiral-001: nobody is there to ask whether to run this command — read it, then pass --yes
      "
    `);
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
