import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runsInPages } from "../../theme/runs-in-pages.ts";
import { printed } from "./inspect.ts";
import { runProgram } from "./program.ts";

const modules = { numbers: async () => ({ two: 2 }) };

async function output(code: string): Promise<string[]> {
  const lines: string[] = [];
  await runProgram(code, modules, (...values) => lines.push(printed(values)));
  return lines;
}

describe("runProgram", () => {
  it("leaves types out, imports, awaits and prints", async () => {
    expect(
      await output('import { two } from "numbers";\nconst x: number = await two;\nconsole.log("x", [x]);'),
    ).toEqual(["x [ 2 ]"]);
  });

  it("says what is wrong with a program", async () => {
    await expect(output("const x = ;")).rejects.toThrowErrorMatchingInlineSnapshot(
      `[SyntaxError: Unexpected token (1:11)]`,
    );
    await expect(output('import fs from "node:fs";\nfs.x()')).rejects.toThrowErrorMatchingInlineSnapshot(
      `[Error: import "node:fs": not in a page — there are numbers]`,
    );
    await expect(output("for (;;) console.log(1);")).rejects.toThrowErrorMatchingInlineSnapshot(
      `[Error: more than 1000 lines were printed]`,
    );
    await expect(output("nothing.log(1);")).rejects.toThrowErrorMatchingInlineSnapshot(
      `[ReferenceError: nothing is not defined]`,
    );
  });
});

describe("printed", () => {
  it("prints as Node does, white space aside", () => {
    const plain = (text: string): string => text.replaceAll(/\s+/g, " ");
    const leaf = fc.oneof(
      fc.double(),
      fc.boolean(),
      fc.constantFrom(null, undefined, "it's", 'a "b"', "plain"),
    );
    const values = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        leaf,
        fc.array(tie("value"), { maxLength: 5 }),
        fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), tie("value"), { noNullPrototype: true }),
        fc.float32Array({ maxLength: 4 }),
      ),
    })).value;
    fc.assert(
      fc.property(values, (value) => {
        expect(plain(printed([[value]]))).toBe(plain(inspect([value])));
      }),
    );
  });
});

describe("runsInPages", () => {
  it("is for snippets that stand by themselves, and need no Node", () => {
    const snippet = (name: string): string => `import { x } from "${name}";\nconsole.log(x);`;
    const names = [
      "tensorgrad",
      "micrograd",
      "tensorgrad/nn",
      "tensorgrad/train/node",
      "node:fs",
      "verify",
      "tensorgrad/serving",
    ];
    expect(names.filter((name) => runsInPages(snippet(name)))).toEqual([
      "tensorgrad",
      "micrograd",
      "tensorgrad/nn",
    ]);
    expect(runsInPages("  const y = x;\n  console.log(y);")).toBe(false);
  });
});
