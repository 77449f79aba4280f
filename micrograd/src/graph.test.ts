import { describe, expect, it } from "vitest";
import { toDot, toSvg, trace } from "./graph.ts";
import { v } from "./value.ts";

describe("trace", () => {
  it("shows each node when its gradient is complete, with what it passes on to each input", () => {
    const a = v(2, "a");
    const b = v(3, "b");
    const c = a.mul(b);
    const d = c.add(a);
    const steps = [...trace(d)].map(({ node, grad, contributions }) => [node, grad, contributions]);
    expect(steps).toEqual([
      [d, 1, [1, 1]],
      [c, 1, [3, 2]],
      [b, 2, []],
      [a, 4, []],
    ]);
  });

  it("keeps the two contributions to one input apart: a·a", () => {
    const a = v(5);
    expect([...trace(a.mul(a))][0]?.contributions).toEqual([5, 5]);
  });

  it("taken to its end is a backward pass", () => {
    const build = () => {
      const x = v(0.5);
      return { x, y: x.mul(x).tanh().add(x.exp()) };
    };
    const traced = build();
    const walked = build();
    for (const _step of trace(traced.y));
    walked.y.backward();
    expect(traced.x.grad).toBe(walked.x.grad);
  });

  it("advances one node at a time", () => {
    const x = v(3, "x");
    const y = x.mul(x);
    const z = y.mul(y);
    const steps = trace(z);
    expect([z.grad, y.grad, x.grad]).toEqual([0, 0, 0]);
    steps.next();
    expect([z.grad, y.grad, x.grad]).toEqual([1, 18, 0]);
    steps.next();
    expect([z.grad, y.grad, x.grad]).toEqual([1, 18, 108]);
  });
});

describe("toDot", () => {
  it("draws a box per value with data and grad, a circle per operation, an edge per argument", () => {
    const a = v(3, "a");
    const b = a.mul(a);
    b.label = "b";
    b.backward();
    expect(toDot(b)).toMatchInlineSnapshot(`
      "digraph {
        graph [rankdir=LR ranksep=0.3 nodesep=0.15];
        node [shape=record style=filled fillcolor="white" fontname="Helvetica" fontsize=11 height=0.3];
        n0 [label="a | data 3 | grad 6" fillcolor="#dbeafe"];
        n1 [label="b | data 9 | grad 1"];
        n1op [label="*" shape=circle fillcolor="#fde68a"];
        n1op -> n1;
        n0 -> n1op;
        n0 -> n1op;
      }
      "
    `);
  });

  it("rounds to six significant digits", () => {
    expect(toDot(v(1 / 3))).toContain("data 0.333333 ");
    expect(toDot(v(-1.23456789e-9))).toContain("data -1.23457e-9 ");
    expect(toDot(v(Number.NaN))).toContain("data NaN ");
    expect(toDot(v(Number.NEGATIVE_INFINITY))).toContain("data -Infinity ");
  });

  it("is linear in the graph, not in its paths", () => {
    let y = v(1);
    for (let i = 0; i < 200; i++) y = y.add(y);
    expect(toDot(y).match(/shape=circle/g)).toHaveLength(200);
  });
});

describe("toSvg", () => {
  it("draws without a system program", async () => {
    const svg = await toSvg(v(2, "a").mul(v(3, "b")));
    expect(svg).toMatch(/^<svg .*<\/svg>\s*$/s);
    expect(texts(svg)).toEqual(
      ["a", "data 2", "grad 0", "b", "data 3", "grad 0", "data 6", "grad 0", "*"].sort(),
    );
  });

  it.each([
    'say "hi"',
    "{a|b}",
    "<b>bold</b>",
    "R&D &amp; &lt;",
    "back\\slash \\n \\l \\\\",
    "Größe β 中文 😀",
    "]; evil -> graph; n0 [label=x",
    'quote at the end\\"',
  ])("shows the label %s as it is", async (label) => {
    expect(texts(await toSvg(v(1, label)))).toContain(label);
  });

  it("replaces control characters, which SVG cannot hold", async () => {
    expect(texts(await toSvg(v(1, "a\nb\u0000c\u001bd")))).toContain("a b c d");
  });
});

/** The texts in the picture, sorted, with XML's entities undone. */
function texts(svg: string): string[] {
  const entities: Record<string, string> = {
    amp: "&",
    lt: "<",
    gt: ">",
    quot: '"',
    "#45": "-",
    "#39": "'",
    "#160": " ",
  };
  return [...svg.matchAll(/<text[^>]*>(.*)<\/text>/g)]
    .map(([, text]) => text!.replace(/&([^;]+);/g, (all, name: string) => entities[name] ?? all))
    .sort();
}
