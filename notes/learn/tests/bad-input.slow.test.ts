import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { main } from "../cli.ts";
import { startFile } from "../engine/catalogue.ts";
import { watchChanges } from "../learner/changes.ts";
import { giveWatch, takeWatch } from "../learner/lock.ts";
import { watchExercises } from "../learner/watcher.ts";
import { kept, learner, sample, temporary, write } from "./sample.fixture.ts";

const file = "notes/learn/tests/sample/lists.ts";

describe("a learner's file", () => {
  it("with a syntax error is answered with its line", async () => {
    await using it = await learner();
    const { learn } = it;
    write(learn, "list-total", "let sum = 0;\nfor (const x of) sum += x;\nreturn sum;");
    const { ending, at, code, passed } = await learn.check(learn.entry("list-total"));
    expect([passed, ending, at, code?.trim()]).toEqual([
      false,
      "build",
      { file, line: 7 },
      "for (const x of) sum += x;",
    ]);
  });

  it("without an export says which is missing", async () => {
    await using it = await learner();
    const { learn } = it;
    write(learn, "list-total");
    learn.workspace.write(
      file,
      learn.workspace.read(file)!.replace("export function total", "function total"),
    );
    const { ending, message } = await learn.check(learn.entry("list-total"));
    expect(ending).toBe("build");
    expect(message).toMatchInlineSnapshot(
      `"No matching export in "notes/learn/tests/sample/lists.ts" for import "total""`,
    );
  });

  it("of wrong types runs, and fails by what it gives", async () => {
    await using it = await learner();
    const { learn } = it;
    write(learn, "list-total", 'const sum: number = "many";\nreturn sum;');
    const { ending, passed, checks } = await learn.check(learn.entry("list-total"));
    expect([ending, passed, checks.length]).toEqual(["done", false, 2]);
  });

  it("that was deleted is made anew", async () => {
    await using it = await learner();
    const { learn } = it;
    const entry = learn.entry("list-total");
    expect(learn.ensure(entry)).toEqual([]);
    rmSync(learn.workspace.path(file));
    expect(learn.ensure(entry)).toEqual([`${file} was missing, and has been made anew`]);
    expect(learn.workspace.read(file)).toBe(startFile(learn.catalogue, entry));
  });

  it("in a folder that was renamed is looked for, and not replaced", async () => {
    await using it = await learner();
    const { learn } = it;
    write(learn, "list-total");
    renameSync(learn.workspace.path("notes"), learn.workspace.path("mine"));
    expect(() => learn.ensure(learn.entry("list-total"))).toThrow(
      `${file} is not in the workspace, but mine/learn/tests/sample/lists.ts looks like it — move it back`,
    );
    expect(existsSync(learn.workspace.path(file))).toBe(false);
  });
});

describe("a workspace from an older version", () => {
  const older = (
    learn: Awaited<ReturnType<typeof learner>>["learn"],
    change: (text: string) => string,
  ): void => {
    const base = `.learn/base/${file}`;
    learn.workspace.write(base, change(learn.workspace.read(base)!));
    learn.workspace.write(file, change(learn.workspace.read(file)!));
  };

  it("gets the new text around what was written, and keeps the old file", async () => {
    await using it = await learner();
    const { learn } = it;
    const entry = learn.entry("list-total");
    write(learn, "list-total", "return 42; // mine");
    older(learn, (text) => text.replace("A library in small", "An older library"));
    const [said] = learn.ensure(entry);
    expect(said).toMatch(/your parts are in the new file, and the old one in \.learn\/backup/);
    const text = learn.workspace.read(file)!;
    expect([text.includes("42; // mine"), text.includes("A library in small")]).toEqual([true, true]);
    expect(learn.ensure(entry)).toEqual([]);
  });

  it("is never overwritten where both changed the same", async () => {
    await using it = await learner();
    const { learn } = it;
    const entry = learn.entry("list-total");
    learn.ensure(entry);
    older(learn, (text) => text.replace("A library in small", "An older library"));
    const own = learn.workspace.read(file)!.replace("An older library", "My own library");
    learn.workspace.write(file, own);
    expect(learn.ensure(entry)).toEqual([
      `${file}: the exercise changed where you did; yours is as it was, and the new one is ${file}.new`,
    ]);
    expect(learn.workspace.read(file)).toBe(own);
  });
});

describe("the command line", () => {
  it("refuses to count checks that were edited", async () => {
    await using it = await learner();
    const { learn } = it;
    write(learn, "list-total", "return 6;");
    using folder = temporary();
    const check = join(folder.path, "list-total.check.ts");
    writeFileSync(check, 'export const checks = { "is a program": () => {} };');
    writeFileSync(
      join(folder.path, "mistakes.json"),
      '{ "list-total": { "check": "another", "probes": {} } }',
    );
    const entry = { ...learn.entry("list-total"), check };
    const { passed, changedChecks } = await learn.check(entry);
    expect([passed, changedChecks, learn.standing(entry)]).toEqual([true, true, "open"]);
  });

  it("says so where it may not write, is called wrongly, or misspelt: exit code 2", async () => {
    using folder = temporary();
    const blocked = join(folder.path, "workspace");
    writeFileSync(blocked, "a file where a folder should be");
    const catalogue = await sample();
    const run = async (...args: string[]): Promise<readonly [number, string]> => {
      const screen = kept();
      const code = await main(args, { catalogue, workspace: blocked }, screen);
      return [code, screen.text.replaceAll(folder.path, "…")];
    };
    expect(await run("init")).toMatchInlineSnapshot(`
      [
        2,
        "learn: …/workspace: tsconfig.json cannot be written (EEXIST) — the exercises need a
      folder that you may write to; change its owner, or set LEARN_WORKSPACE to another folder",
      ]
    `);
    expect(await run("check", "list-totl")).toMatchInlineSnapshot(`
      [
        2,
        "learn: list-totl: there is no such exercise; do you mean list-total? — npm run learn -- list shows
      all",
      ]
    `);
    expect(await run("check", "list-total", "--all")).toMatchInlineSnapshot(`
      [
        2,
        "learn: check list-total --all: an exercise or all of them, not both",
      ]
    `);
    expect((await run("hint", "list-total", "--level", "5"))[0]).toBe(2);
    expect((await run("hint", "list-total", "--level", "x"))[0]).toBe(2);
    expect((await run("chekc"))[0]).toBe(2);
    expect((await run("test", "--module", "nothing"))[0]).toBe(2);
  });

  it("fits into 40 columns", async () => {
    await using it = await learner();
    const screen = kept(40);
    const options = { catalogue: it.learn.catalogue, workspace: it.learn.workspace.folder };
    for (const args of [
      ["init"],
      ["list"],
      ["status"],
      ["hint", "list-total"],
      ["check", "list-total"],
      ["grade"],
    ])
      await main(args, options, screen);
    const path = /workspace\/|\/tmp|learn-/; // a path is not broken: it can be clicked
    expect(screen.text.split("\n").filter((line) => line.length > 40 && !path.test(line))).toEqual([]);
  });
});

describe("the watcher", () => {
  it("takes keys from a pipe, ends with it, and lives through a broken file", async () => {
    await using it = await learner();
    const { learn } = it;
    write(learn, "list-total", "not a program at all (");
    const screen = kept();
    const code = await watchExercises(learn, screen, Readable.from(["h", "l\n", "q"]) as NodeJS.ReadStream);
    expect(code).toBe(1);
    expect(screen.text).toContain("1 A question: What is asked?");
    expect(screen.text).toContain("The file cannot be read");
    write(learn, "list-total");
    expect(await watchExercises(learn, kept(), Readable.from([]) as NodeJS.ReadStream)).toBe(0);
  });

  it("is one at a time", async () => {
    await using it = await learner();
    const { workspace } = it.learn;
    mkdirSync(workspace.path(".learn"), { recursive: true });
    writeFileSync(workspace.path(".learn/watcher.json"), JSON.stringify({ pid: process.ppid }));
    const screen = kept();
    expect(await watchExercises(it.learn, screen, Readable.from(["q"]) as NodeJS.ReadStream)).toBe(2);
    expect(screen.text).toContain(`Process ${process.ppid} watches this folder already`);
    writeFileSync(workspace.path(".learn/watcher.json"), JSON.stringify({ pid: 2 ** 22 + 1 })); // nobody's
    expect(takeWatch(workspace)).toBeNull();
    giveWatch(workspace);
  });

  it("asks the disk where the file system sends no events", async () => {
    using folder = temporary();
    const { watch } = await import("chokidar");
    const deaf: typeof watch = (paths, options) =>
      watch(options?.usePolling ? paths : join(folder.path, "elsewhere"), options);
    let heard = (_: readonly string[]): void => {};
    const change = new Promise<readonly string[]>((resolve) => (heard = resolve));
    const changes = await watchChanges(folder.path, (files) => heard(files), deaf);
    expect(changes.isPolling).toBe(true);
    writeFileSync(join(folder.path, "a.ts"), "1");
    expect(await change).toEqual(["a.ts"]);
    await changes.close();
  });
});
