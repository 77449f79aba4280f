import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporary } from "./sample.fixture.ts";
import { hasTerminals, Terminal } from "./terminal.fixture.ts";

/** The end of every answer of the watcher. */
const KEYS = /q quit/;

describe.skipIf(!hasTerminals)(
  "the watcher in a real terminal (python3 makes one)",
  { timeout: 180_000 },
  () => {
    it("takes single keys, checks what is saved, and gives the terminal back", async () => {
      using folder = temporary();
      const env = { LEARN_WORKSPACE: folder.path };
      await using terminal = new Terminal(["notes/learn/cli.ts"], { columns: 100, env });
      await terminal.wait(KEYS);
      expect(terminal.text).toContain("Hello: does everything run?");
      expect(await terminal.press("h", /What is 2·3 \+ 4\?/)).not.toContain("A product comes before a sum");
      expect(await terminal.press("h", /A product comes before a sum/)).toContain("What is 2·3 + 4?");
      expect(await terminal.press("l", /micrograd-mul/)).toContain("start-hello");
      await terminal.press("x", KEYS);
      await terminal.press("r", KEYS);

      const file = join(folder.path, "answers/00-start/start-hello.ts");
      const before = terminal.text.length;
      writeFileSync(file, readFileSync(file, "utf8").replace("= NaN", "= 10"));
      await terminal.wait(/start-hello passed/, before);
      await terminal.press("n", /micrograd-mul[\s\S]*q quit/);
      for (const key of ["g", "v", "d"]) expect((await terminal.press(key, /\n/)).length).toBeGreaterThan(0);
      expect(terminal.text).not.toMatch(/\bat .*\.ts:\d+:\d+\)?\n/); // no trace of a stack
      expect(await terminal.end("q")).toBe(1); // the exercise that is shown has not passed
    });

    it("ends with Ctrl-C, fits 40 columns, and lets the next one watch", async () => {
      using folder = temporary();
      const env = { LEARN_WORKSPACE: folder.path };
      for (const key of ["\u0003", "q"]) {
        await using terminal = new Terminal(["notes/learn/cli.ts"], { columns: 40, env });
        await terminal.wait(KEYS);
        const wide = terminal.text.split(/\r?\n/).filter((line) => line.length > 40 && !line.includes("/"));
        expect(wide).toEqual([]);
        expect(await terminal.end(key)).toBe(1);
      }
    });
  },
);
