import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { claim } from "./owner.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "owner-"));
  path = join(folder, "owner.json");
});
afterEach(() => rmSync(folder, { recursive: true }));

const RULE = "one at a time";
const take = () => claim(path, "test", RULE);
const shown = (error: unknown): string =>
  String(error)
    .replaceAll(folder, "…")
    .replaceAll(hostname(), "<host>")
    .replaceAll(String(process.pid), "<pid>")
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/, "<time>");

function refused(): string {
  try {
    take().release();
  } catch (error) {
    return shown(error);
  }
  return "taken";
}

describe("claim", () => {
  it("is the caller's alone until it is released", () => {
    const first = take();
    expect(refused()).toMatchInlineSnapshot(
      `"RangeError: test: in use by this process (<pid> on <host>) since <time> — one at a time"`,
    );
    first.release();
    const second = take();
    first.release(); // harmless: it is not the first one's any more
    expect(refused()).toContain("in use by this process");
    second.release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it("takes over from an owner that is gone, and from no other", () => {
    const dead = spawnSync(process.execPath, ["-e", "0"]).pid;
    const [host, now] = [hostname(), Date.now() - 1000 * process.uptime()];
    const day = 24 * 60 * 60 * 1000;
    const cases = fc.constantFrom<readonly [who: object, gone: boolean]>(
      [{ pid: dead, host, began: now - day }, true],
      [{ pid: process.pid, host, began: now - day }, true], // an earlier process of this number
      [{ pid: process.pid, host, began: now + 500 }, false], // another thread of this one
      [{ pid: process.ppid, host, began: Date.now() }, false],
      [{ pid: 1, host: "elsewhere", began: now - day }, false],
    );
    fc.assert(
      fc.property(cases, fc.string({ minLength: 1 }), ([who, gone], id) => {
        const owner = JSON.stringify({ ...who, since: "2026-11-26T10:00:00.000Z", id });
        writeFileSync(path, owner);
        expect(refused() === "taken").toBe(gone);
        if (!gone) expect(readFileSync(path, "utf8")).toBe(owner);
        rmSync(path, { force: true });
      }),
    );
  });

  it.runIf(process.platform === "linux")("knows a number that a younger process has", () => {
    const owner = {
      pid: process.ppid,
      host: hostname(),
      began: 0,
      since: "2026-11-26T10:00:00.000Z",
      id: "a",
    };
    writeFileSync(path, JSON.stringify(owner));
    expect(refused()).toBe("taken");
  });

  it("says which machine it cannot ask, and what to do", () => {
    const owner = { pid: 7, host: "elsewhere", began: 0, since: "2026-11-26T10:00:00.000Z", id: "a" };
    writeFileSync(path, JSON.stringify(owner));
    expect(refused()).toMatchInlineSnapshot(
      `"RangeError: test: in use by process 7 on elsewhere since <time> — one at a time; if that machine is not at work any more, delete …/owner.json"`,
    );
  });

  it("waits for what is being written, not for rubbish", () => {
    fc.assert(
      fc.property(fc.constantFrom("", "{", "null", '{"pid":1}', "[]"), (text) => {
        writeFileSync(path, text);
        expect(refused()).toBe(`RangeError: test: …/owner.json names no owner yet — ${RULE}`);
        utimesSync(path, 1, 1);
        expect(refused()).toBe("taken");
      }),
    );
  });

  it("goes to one of several processes that take over at once, and names it to the others", async () => {
    const dead = { pid: 2 ** 30, host: hostname(), began: 0, since: "2026-11-26T10:00:00.000Z", id: "a" };
    writeFileSync(path, JSON.stringify(dead));
    const program = fileURLToPath(
      new URL("../../../tests/00-runtime/owner-child.fixture.ts", import.meta.url),
    );
    const children = Array.from({ length: 3 }, () =>
      spawn(process.execPath, ["--import", "tsx", program, path]),
    );
    const lines = children.map(({ stdout }) => linesOf(stdout));
    await Promise.all(lines.map((line) => line()));
    for (const { stdin } of children) stdin.write("go\n");
    const said = await Promise.all(lines.map((line) => line()));
    const owner = said.indexOf("got it");
    expect(said.filter((line) => line === "got it")).toHaveLength(1);
    const others = said.filter((_, i) => i !== owner);
    for (const line of others) expect(line).toContain(`in use by process ${children[owner].pid} on`);
    for (const { stdin } of children) stdin.end();
    await Promise.all(children.map((child) => new Promise((resolve) => child.once("close", resolve))));
    take().release(); // they ended without a word
  });
});

/** The next line, whenever it comes. */
function linesOf(stream: NodeJS.ReadableStream): () => Promise<string> {
  let text = "";
  const waiting: ((line: string) => void)[] = [];
  const lines: string[] = [];
  stream.setEncoding("utf8").on("data", (more) => {
    text += more;
    const parts = text.split("\n");
    text = parts.pop() ?? "";
    for (const line of parts) {
      const next = waiting.shift();
      if (next) next(line);
      else lines.push(line);
    }
  });
  return () =>
    new Promise((resolve) => {
      const line = lines.shift();
      if (line === undefined) waiting.push(resolve);
      else resolve(line);
    });
}
