import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { throughput } from "../../micrograd/bench.ts";
import { scalarCases } from "../../verify/src/index.ts";
import { figures, fillTables, measureOnnxRuntime, measureXor, readLog } from "./micrograd.ts";

const folder = join(dirname(fileURLToPath(import.meta.url)), "../../micrograd");
const read = (file: string) => readFileSync(join(folder, file), "utf8");
const readme = read("README.md");
const log = readLog();

describe("the README", () => {
  it("has the tables that log.json makes", () => {
    expect(fillTables(readme, log)).toBe(readme);
    expect(readme.match(/<!-- measured: /g)).toHaveLength(4);
  });

  it("names no table that does not exist", () => {
    const text = "<!-- measured: nonsense -->\n<!-- end -->";
    expect(() => fillTables(text, log)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: README: no table is called nonsense — there are xor,speed,chain,onnx]`,
    );
  });

  it("states no number in prose that neither a snippet prints nor the log holds", () => {
    const sources = `${fences(readme).join("\n")}\n${JSON.stringify(log)}`;
    const known = new Set(numbers(sources.replaceAll(",", " ")));
    // Not measured: the four inputs of XOR, and constants of formulas.
    const formal = ["0", "1", "00", "01", "10", "11"];
    const unknown = numbers(prose(readme)).filter((number) => !known.has(number) && !formal.includes(number));
    expect(unknown).toEqual([]);
  });

  it("quotes the source of mul as it is, in less than ten lines", () => {
    const [, excerpt] = readme.match(/<!-- excerpt: mul -->\n\n?```ts\n(.*?)```/s)!;
    expect(read("src/value.ts")).toContain(excerpt);
    expect(excerpt!.trimEnd().split("\n").length).toBeLessThan(10);
  });

  it("shows the pictures that toSvg draws", async () => {
    const drawn = await figures();
    expect(readdirSync(join(folder, "figures")).sort()).toEqual(Object.keys(drawn).sort());
    for (const [name, svg] of Object.entries(drawn)) {
      expect(read(`figures/${name}`)).toBe(svg);
      expect(readme).toContain(`(figures/${name})`);
    }
  });
});

describe("the log", () => {
  it("says of the first seeds what they do today", () => {
    const today = measureXor(5);
    today.runs.forEach(({ solvedAt, loss }, seed) => {
      expect(solvedAt).toBe(log.xor.runs[seed]!.solvedAt);
      expect(loss / log.xor.runs[seed]!.loss).toBeCloseTo(1, 4); // exp and tanh may differ in the last bit between engines
    });
    expect(today.bestLinearAccuracy).toBeLessThanOrEqual(0.75);
  });

  it("says of ONNX Runtime what it says today", async () => {
    expect(log.onnxRuntime.map(({ name }) => name)).toEqual(scalarCases.map(({ name }) => name));
    const quick = scalarCases.filter(({ name }) => !name.includes("grid"));
    const counted = (list: typeof log.onnxRuntime) => list.map(({ largest: _, ...counts }) => counts);
    const logged = log.onnxRuntime.filter(({ name }) => !name.includes("grid"));
    expect(counted(await measureOnnxRuntime(quick))).toEqual(counted(logged)); // last bits depend on the machine
  });

  it("meets the targets", () => {
    expect(log.xor.runs).toHaveLength(100);
    expect(log.xor.solved).toBeGreaterThanOrEqual(95);
    expect(log.xor.bestLinearAccuracy).toBeLessThanOrEqual(0.75);
    expect(log.throughput.millionPerSecond).toBeGreaterThanOrEqual(2.4);
    expect(log.throughput.operations).toBe(throughput(1).operations);
    expect(log.onnxRuntime.every(({ passed }) => passed)).toBe(true);
  });
});

describe("the source", () => {
  it("is at most 380 lines in all, marks of exercises left out", () => {
    const files = readdirSync(join(folder, "src")).filter((file) => !file.includes(".test."));
    const lines = files.map(
      (file) =>
        read(`src/${file}`)
          .trimEnd()
          .split("\n")
          .filter((line) => !/^ *\/\/ exercise: /.test(line)).length,
    );
    expect(lines.reduce((sum, count) => sum + count)).toBeLessThanOrEqual(380);
  });
});

function fences(markdown: string): string[] {
  return [...markdown.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code!);
}

/** The text without code blocks, measured tables and link targets. */
function prose(markdown: string): string {
  return markdown
    .replace(/^```ts\n.*?^```$/gms, "")
    .replace(/<!-- measured: .*?<!-- end -->/gs, "")
    .replace(/\]\([^)]*\)/g, "]");
}

/** Numbers as words of their own: not the 1 of w1 or x². */
function numbers(text: string): string[] {
  return text.match(/(?<![\p{L}\d.])\d+(?:\.\d+)?(?![\p{L}\d])/gu) ?? [];
}
