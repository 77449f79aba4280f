import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

/** What another process does just before this one renames a file. */
const others = vi.hoisted(() => ({ beforeRename: () => {} }));
vi.mock("node:fs", async (original) => {
  const real = await original<typeof import("node:fs")>();
  const renameSync: typeof real.renameSync = (from, to) => {
    others.beforeRename();
    real.renameSync(from, to);
  };
  return { ...real, renameSync };
});
const { claim } = await import("../../src/00-runtime/files/owner.ts");

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "owner-"));
  path = join(folder, "owner.json");
});
afterEach(() => {
  others.beforeRename = () => {};
  rmSync(folder, { recursive: true });
});

const take = () => claim(path, "test", "one at a time");
const since = "2026-11-26T10:00:00.000Z";
const dead = JSON.stringify({ pid: 2 ** 30, host: hostname(), began: 0, since, id: "a" });
const elsewhere = JSON.stringify({ pid: 7, host: "elsewhere", began: 0, since, id: "b" });

describe("the file of an owner", () => {
  it("is put back by who meant to take away that of the dead owner before it", () => {
    writeFileSync(path, dead);
    others.beforeRename = () => writeFileSync(path, elsewhere); // quicker by the blink of an eye
    expect(take).toThrow("in use by process 7 on elsewhere");
    expect(readFileSync(path, "utf8")).toBe(elsewhere);
  });

  it("stays when the owner before it lets go", () => {
    const first = take();
    writeFileSync(path, elsewhere); // somebody deleted the first one's, and another took its place
    first.release();
    expect(readFileSync(path, "utf8")).toBe(elsewhere);
  });

  it("is whole whenever it is there", async () => {
    const reader = new Worker(
      `const { parentPort, workerData } = require("node:worker_threads");
       const { readFileSync } = require("node:fs");
       let [whole, broken, ends] = [0, 0, false];
       parentPort.once("message", () => { ends = true; });
       const look = () => {
         for (let i = 0; i < 200; i++) {
           let text = null;
           try { text = readFileSync(workerData, "utf8"); } catch { continue; }
           try { JSON.parse(text); whole++; } catch { broken++; }
         }
         if (ends) parentPort.postMessage({ whole, broken });
         else setImmediate(look);
       };
       parentPort.postMessage("ready");
       look();`,
      { eval: true, workerData: path },
    );
    await new Promise((resolve) => reader.once("message", resolve));
    for (let i = 0; i < 2000; i++) take().release();
    const seen = new Promise<{ whole: number; broken: number }>((resolve) => reader.once("message", resolve));
    reader.postMessage("end");
    const { whole, broken } = await seen;
    await reader.terminate();
    expect(broken).toBe(0);
    expect(whole).toBeGreaterThan(0);
  });
});
