import { describe, expect, it } from "vitest";
import type { Learn } from "../learner/learn.ts";
import type { Verdict } from "../learner/verdict.ts";
import { learner, write } from "./sample.fixture.ts";

const short = { seconds: 1, bytes: 300 * 2 ** 20 };

async function checked(learn: Learn, code: string): Promise<Verdict> {
  write(learn, "list-total", code);
  return await learn.check(learn.entry("list-total"), short);
}

describe("a learner's code that does not come to its end", () => {
  it("is answered within its time, with the line where it was, and the next one is checked", async () => {
    await using it = await learner();
    const { learn } = it;
    const line = 6; // of the region's first line
    const loop = await checked(learn, "let i = 0;\nwhile (true) i++;\nreturn i;");
    expect([loop.ending, loop.at?.line]).toEqual(["time", line + 1]);

    const hog = await checked(
      learn,
      "const all: number[][] = [];\nwhile (true) all.push(new Array(1e5).fill(1));",
    );
    expect([hog.ending, hog.at?.line]).toEqual(["memory", line + 1]);

    const exit = await checked(learn, "process.exit(0);\nreturn 0;");
    expect([exit.ending, exit.passed, exit.at?.line]).toEqual(["exit", false, line]);

    const crash = await checked(learn, "process.abort();");
    expect([crash.ending, crash.passed]).toEqual(["crash", false]);

    const kill = await checked(learn, 'process.kill(process.pid, "SIGKILL");\nreturn 0;');
    expect([kill.ending, kill.passed]).toEqual(["crash", false]);

    const deep = await checked(learn, "return total(xs);");
    expect([deep.ending, deep.message]).toEqual(["load", "Maximum call stack size exceeded"]);

    write(learn, "list-total");
    expect((await learn.check(learn.entry("list-total"))).passed).toBe(true);
  });

  it("is answered if it awaits for ever, if it hides in a timer, or breaks out of it", async () => {
    await using it = await learner();
    const { learn } = it;
    const never = await checked(learn, "return new Promise<number>(() => {}) as never;\n");
    expect(never.passed).toBe(false);

    const top = await checked(learn, "return 0;\n}\nawait new Promise(() => {});\n{");
    expect([top.ending, top.checks]).toEqual(["await", []]);

    const late = await checked(learn, 'setTimeout(() => { throw new Error("later"); }, 0);\nreturn 0;');
    expect(late.passed).toBe(false);
  });

  it("keeps what was printed, and not more than can be read", async () => {
    await using it = await learner();
    const { printed } = await checked(it.learn, 'console.log("seen");\nreturn 0;');
    expect(printed).toMatch(/^(seen\n)+$/);
    const much = await checked(it.learn, 'for (let i = 0; i < 1e5; i++) console.log("much");\nreturn 0;');
    expect(much.printed.length).toBeLessThan(200_000);
  });
});
