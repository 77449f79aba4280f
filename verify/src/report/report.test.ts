import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { measure, type Table, text, verdict } from "./cells.ts";
import { htmlOf } from "./html.ts";

const summary = {
  json: {} as never,
  lines: ["first derivatives: 2 of 3"],
  misses: ["cube: <wrong> & worse"],
};
const table: Table = {
  title: "Gradients",
  about: "Slow & sure.",
  columns: ["operation", "", "largest difference"],
  rows: [
    [text("tanh"), verdict(true), measure(1e-9, 1e-6)],
    [text("<cube>"), verdict(false), measure(2e-3, 1e-6)],
  ],
};
const page = htmlOf(["npm run verify -- all"], summary, [table]);

describe("measure", () => {
  it("is cool three decades below the limit and hot at it", () => {
    expect(measure(0, 1).heat).toBe(0);
    expect(measure(1e-4, 1).heat).toBe(0);
    expect(measure(0.1, 1).heat).toBeCloseTo(2 / 3);
    expect(measure(5, 1).heat).toBe(1);
    expect(measure(1e-30, 0).heat).toBe(1);
    expect(measure(7)).toEqual({ text: "7.00", value: 7 });
  });

  it("shows short numbers as they are and others as powers of ten", () => {
    expect([0, 0.25, 12.5, 1e-7, 123456].map((n) => measure(n).text)).toEqual([
      "0",
      "0.250",
      "12.5",
      "1.0e-7",
      "1.2e+5",
    ]);
  });
});

describe("htmlOf", () => {
  it("escapes what it shows", () => {
    expect(page).toContain("<td>&lt;cube&gt;</td>");
    expect(page).toContain("missed: cube: &lt;wrong&gt; &amp; worse");
    expect(page).not.toContain("<cube>");
  });

  it("needs no network", () => {
    expect(page).not.toMatch(/https?:|src=|href=|@import|url\(/);
  });

  it("colours the worst red and the best green", () => {
    expect(page).toContain('data-value="1e-9" style="--heat: 120"');
    expect(page).toContain('data-value="0.002" style="--heat: 0"');
  });

  it("holds a script that sorts numbers as numbers, and turns the order round", () => {
    const { rows, click } = fakeTable(["10", "9", "100"]);
    click();
    expect(rows()).toEqual(["9", "10", "100"]);
    click();
    expect(rows()).toEqual(["100", "10", "9"]);
  });
});

/** As much of a document as the page's script touches. */
function fakeTable(values: readonly string[]) {
  const row = (value: string) => ({ cells: [{ dataset: { value }, textContent: value }] });
  const body = {
    rows: values.map(row),
    append(...rows: ReturnType<typeof row>[]) {
      body.rows = rows;
    },
  };
  const head = {
    cellIndex: 0,
    parentNode: { children: [] },
    closest: () => ({ tBodies: [body] }),
  };
  const listeners: ((event: object) => void)[] = [];
  const script = page.match(/<script>([\s\S]*)<\/script>/)?.[1] ?? "";
  runInNewContext(script, {
    document: { addEventListener: (_: string, act: (event: object) => void) => listeners.push(act) },
  });
  return {
    rows: () => body.rows.map(({ cells }) => cells[0].textContent),
    click: () => listeners[0]({ target: { closest: () => head } }),
  };
}
