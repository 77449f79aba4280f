import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { FormatError } from "../../00-runtime/index.ts";
import "tensorgrad";
import { parseCsv, readCsv, streamCsv } from "./csv.ts";

const folder = mkdtempSync(join(tmpdir(), "csv-"));
afterAll(() => rmSync(folder, { recursive: true }));

const FLOWERS = "length,colour,species\n1.0,red,rose\n3.0,white,lily\n5.0,red,rose\n";

describe("readCsv", () => {
  it("standardises numbers, makes classes of words, and names what it made", () => {
    const file = join(folder, "flowers.csv");
    writeFileSync(file, FLOWERS);
    const flowers = readCsv(file, { target: "species" });
    const spread = Math.sqrt(8 / 3);
    expect(flowers.x.toArray()).toEqual([
      [expect.closeTo(-2 / spread, 6), 1, 0],
      [0, 0, 1],
      [expect.closeTo(2 / spread, 6), 1, 0],
    ]);
    expect([flowers.y.dtype, flowers.y.toArray(), flowers.classes]).toEqual([
      "int32",
      [1, 0, 1],
      ["lily", "rose"],
    ]);
    expect(flowers.featureNames).toEqual(["length", "colour=red", "colour=white"]);
  });

  it("understands a second table as the first one was", () => {
    const train = parseCsv(FLOWERS, { target: "species" });
    const test = parseCsv("species;colour;length\nlily;white;7\n", { target: "species", like: train });
    expect([test.y.toArray(), test.x.toArray()]).toEqual([
      [0],
      [[expect.closeTo(4 / Math.sqrt(8 / 3), 6), 0, 1]],
    ]);
    const strange = () =>
      parseCsv("species,colour,length\ntulip,red,3\n", { target: "species", like: train });
    expect(strange).toThrow("none of its 2 categories (lily, rose)");
  });

  it("takes semicolons, tabs, a byte-order mark, quotes over several lines, and what stands for nothing", () => {
    const text = '\ufeffname;size;price\n"a ""b""\nc";1;10\nd;?;20\n';
    const table = parseCsv(text, { target: "price", missing: "mean", standardise: false });
    expect(table.x.toArray()).toEqual([
      [1, 0, 1],
      [0, 1, 1],
    ]);
    expect([table.y.dtype, table.y.toArray()]).toEqual(["float32", [[10], [20]]]);
    expect(parseCsv(text, { target: "price", dropMissing: true }).length).toBe(1);
    expect(parseCsv("a\tb\n1\t2\n", { target: "b" }).length).toBe(1);
  });

  it("makes classes of numbers where wanted, and chooses columns", () => {
    const table = parseCsv("a,b,digit\n1,2,7\n3,4,2\n", { target: "digit", classes: true, columns: ["b"] });
    expect([table.featureNames, table.classes, table.y.toArray()]).toEqual([["b"], ["2", "7"], [1, 0]]);
  });

  it("takes 10,000 columns", () => {
    const names = Array.from({ length: 10_000 }, (_, i) => `c${i}`);
    const text = `${names.join(",")}\n${names.map((_, i) => i).join(",")}\n${names.map((_, i) => 2 * i).join(",")}\n`;
    expect(parseCsv(text, { target: "c0" }).x.shape).toEqual([2, 9_999]);
  });

  it("gives back numbers, whatever they are", () => {
    const number = fc.double({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(number, number), { minLength: 1 }), (rows) => {
        const text = `x,y\n${rows.map((row) => row.join(",")).join("\n")}\n`;
        const table = parseCsv(text, { target: "y", standardise: false });
        expect(Array.from(table.x.data)).toEqual(rows.map(([x]) => Math.fround(x)));
        expect(Array.from(table.y.data)).toEqual(rows.map(([, y]) => Math.fround(y)));
      }),
    );
  });
});

describe("streamCsv", () => {
  it("gives the same rows in batches, without reading all of the file", async () => {
    const file = join(folder, "long.csv");
    const rows = Array.from({ length: 1000 }, (_, i) => `${i},${i % 2 ? "odd" : "even"}`);
    writeFileSync(file, `n,kind\n${rows.join("\n")}\n`);
    const whole = readCsv(file, { target: "kind" });
    const seen: number[] = [];
    for await (const { x, y } of streamCsv(file, { target: "kind", like: whole, batchSize: 64 })) {
      expect(x.shape[0]).toBe(y.shape[0]);
      seen.push(...Array.from(x.data));
    }
    expect(seen).toEqual(Array.from(whole.x.data));
  });

  it("says which row is wrong", async () => {
    const file = join(folder, "wrong.csv");
    writeFileSync(file, "a,b\n1,2\nx,3\n");
    const like = parseCsv("a,b\n1,2\n", { target: "b" });
    const all = async (): Promise<void> => {
      for await (const _ of streamCsv(file, { target: "b", like }));
    };
    await expect(all()).rejects.toThrow('wrong.csv), row 3, column "a": "x" — the others are numbers');
  });
});

describe("errors of readCsv", () => {
  const read = (text: string, options: object = {}) => parseCsv(text, { target: "b", ...options });

  it("name the row and the column", () => {
    expect(() => read("a,b\n1,2\n3\n")).toThrowErrorMatchingInlineSnapshot(
      `[FormatError: parseCsv, line 3: another number of cells than the head has (Invalid Record Length: expect 2, got 1 on line 3) — all lines are of one length]`,
    );
    expect(() => read('a,b\n1,"2\n3,4\n')).toThrowErrorMatchingInlineSnapshot(
      `[FormatError: parseCsv, line 3: a quote that does not end, or stands within a cell (Quote Not Closed: the parsing is finished with an opening quote at line 3)]`,
    );
    expect(() => read("a,b\n1,2\n,4\n")).toThrowErrorMatchingInlineSnapshot(
      `[FormatError: parseCsv, row 3, column "a": nothing is known — { missing: "mean" } puts the column's mean there]`,
    );
    expect(() => read("a,b\n1,2\n3,\n")).toThrowErrorMatchingInlineSnapshot(
      `[FormatError: parseCsv, row 3, column "b": the target is not known — leave such lines out: { dropMissing: true }]`,
    );
    expect(() => read("a,b\n?,2\n?,4\n")).toThrowErrorMatchingInlineSnapshot(
      `[FormatError: parseCsv: column "a" has no known value — leave it out: { columns: […] }]`,
    );
  });

  it("say what a table needs", () => {
    expect(() => read("")).toThrowErrorMatchingInlineSnapshot(
      `[FormatError: parseCsv: an empty file — expected a head line with the columns' names]`,
    );
    expect(() => read("a,b\n")).toThrowErrorMatchingInlineSnapshot(
      `[FormatError: parseCsv: no lines below the head — there is nothing to learn from]`,
    );
    expect(() => read("a,a\n1,2\n")).toThrowErrorMatchingInlineSnapshot(
      `[FormatError: parseCsv: two columns named "a" — each needs a name of its own]`,
    );
    expect(() => read("a,c\n1,2\n")).toThrowErrorMatchingInlineSnapshot(
      `[FormatError: parseCsv: no column "b" — there are "a", "c"]`,
    );
    expect(() => read("b\n1\n")).toThrowErrorMatchingInlineSnapshot(
      `[FormatError: parseCsv: no columns but the target — there is nothing to predict from]`,
    );
    expect(() => read("a,b\nx,1\ny,2\n", { mostCategories: 1 })).toThrowErrorMatchingInlineSnapshot(
      `[FormatError: parseCsv: column "a" has 2 categories, such as "x" — at most 1 are taken for classes; leave the column out, or give { mostCategories }]`,
    );
    expect(() => readCsv(join(folder, "none.csv"), { target: "b" })).toThrow("there is no such file");
  });

  it("are our own for any text", () => {
    const text = fc.array(fc.constantFrom("a", "b", "1", "2.5", ",", "\n", '"', ";", "?", " ", "é"), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(text, (parts) => {
        try {
          read(`a,b\n${parts.join("")}`);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
