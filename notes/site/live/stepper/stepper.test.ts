import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { graphOf } from "./build.ts";
import { layoutOf } from "./layout.ts";
import { ExpressionError, parse } from "./parse.ts";
import { type Mode, runOf } from "./passes.ts";
import { programs } from "./programs.fixture.ts";

const value = (text: string) => graphOf(text).root.data;
const fault = (text: string): string => {
  try {
    graphOf(text);
  } catch (error) {
    if (error instanceof ExpressionError) return error.message;
    throw error;
  }
  return "no fault";
};

describe("parse", () => {
  it("binds as mathematics does", () => {
    expect(value("2 + 3 * 4 - 6 / 2")).toBe(11);
    expect(value("-3^2")).toBe(-9);
    expect(value("2^3^2")).toBe(512);
    expect(value("2 − 3 · −4")).toBe(14);
    expect(value("10 - 3 - 2")).toBe(5);
    expect(value("2**3")).toBe(8);
    expect(value("1.5e2 + .5")).toBe(150.5);
    expect(value("a = 2; b = a\n a * b")).toBe(4);
  });

  it("says what is wrong, and where", () => {
    expect(fault("a = 2; a * (a + 1")).toMatchInlineSnapshot(`"position 18: expected “)”, found the end"`);
    expect(fault("2 + b")).toMatchInlineSnapshot(
      `"position 5: “b” has no value yet; write b = 2; before it"`,
    );
    expect(fault("sin(2)")).toMatchInlineSnapshot(
      `"position 1: there is no function “sin”; there are tanh, relu, sigmoid, exp, log, sqrt, abs"`,
    );
    expect(fault("2 $ 3")).toMatchInlineSnapshot(`"position 3: “$” has no meaning here"`);
    expect(fault("2 3")).toMatchInlineSnapshot(
      `"position 3: expected an operator, “;” or the end, found “3”"`,
    );
    expect(fault(" ; ")).toMatchInlineSnapshot(`"position 1: nothing is there to compute"`);
    expect(fault("tanh 2")).toMatchInlineSnapshot(`"position 6: expected “(” after tanh, found “2”"`);
    expect(fault("exp = 3")).toMatchInlineSnapshot(`"position 1: “exp” is a function and cannot be a name"`);
    expect(fault(`${"(".repeat(500)}1`)).toMatchInlineSnapshot(`"position 201: more than 200 levels deep"`);
    expect(fault(Array(99).fill("1").join("+"))).toMatch(/^position 1: the graph has \d+ nodes; at most 60/);
  });

  it("answers any text with statements or with a position in it", () => {
    const signs = fc.constantFrom(..."ab12.+-*/^()=; \n", "tanh", "log(", "é", "😀");
    fc.assert(
      fc.property(fc.array(signs, { maxLength: 20 }), (parts) => {
        const text = parts.join("");
        try {
          expect(parse(text).length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(ExpressionError);
          expect((error as ExpressionError).at).toBeLessThanOrEqual(text.length);
        }
      }),
    );
  });
});

describe("runOf", () => {
  const last = (text: string, mode: Mode) => {
    const graph = graphOf(text);
    const { steps } = runOf(graph, mode);
    return Object.fromEntries(graph.names.map((name, i) => [name, steps.at(-1)?.grads[i]]));
  };
  const diamond = "a = 3; b = a + a; c = b + b";

  it("ends with the library's gradients, on programs of any shape", () => {
    fc.assert(
      fc.property(programs, (text) => {
        const graph = graphOf(text);
        const { steps, right } = runOf(graph, "right");
        for (const node of graph.nodes) node.grad = 0;
        graph.root.backward();
        expect(right).toEqual(graph.nodes.map(({ grad }) => grad));
        expect(steps.at(-1)?.grads).toEqual(right);
        const uses = graph.inputs.reduce((sum, list) => sum + list.length, 0);
        expect(steps.filter(({ kind }) => kind === "add")).toHaveLength(uses);
      }),
    );
  });

  it("counts paths twice where it recurses, at the diamond of note 00", () => {
    expect(last(diamond, "right")).toEqual({ a: 4, b: 2, c: 1 });
    expect(last(diamond, "naive")).toEqual({ a: 6, b: 2, c: 1 });
  });

  it("recurses rightly where nothing is used twice", () => {
    const tree = "a = 2; b = -3; c = 10; f = (a*b + c)^2";
    expect(last(tree, "naive")).toEqual(last(tree, "right"));
  });

  it("keeps the gradients of the first pass, and keeps only the last contribution", () => {
    expect(last(diamond, "kept")).toEqual({ a: 12, b: 4, c: 1 });
    expect(last("x = 3; x*x", "assigned")).toMatchObject({ x: 3 });
  });

  it("writes each step as formula and numbers", () => {
    const { steps } = runOf(graphOf("a = 2; b = -3; c = 10; f = (a*b + c)^2"), "right");
    expect(steps.map(({ formula, numbers }) => `${formula} ${numbers}`)).toMatchInlineSnapshot(`
      [
        "The inputs have their values. ",
        "v1 = a · b = 2 · −3 = −6",
        "v2 = v1 + c = −6 + 10 = 4",
        "f = v2^2 = 4^2 = 16",
        "f.grad = 1 (the result moves as much as itself)",
        "v2.grad += f.grad · 2·v2 = 1 · 8 = 8;  0 → 8",
        "v1.grad += v2.grad · 1 = 8 · 1 = 8;  0 → 8",
        "c.grad += v2.grad · 1 = 8 · 1 = 8;  0 → 8",
        "a.grad += v1.grad · b = 8 · −3 = −24;  0 → −24",
        "b.grad += v1.grad · a = 8 · 2 = 16;  0 → 16",
      ]
    `);
  });

  it("cuts a recursion that would never end", () => {
    const doubled = Array.from({ length: 20 }, (_, i) => `x${i + 1} = x${i} + x${i}`).join("; ");
    const { steps, cut } = runOf(graphOf(`x0 = 1; ${doubled}`), "naive");
    expect(cut).toBe(true);
    expect(steps.length).toBe(2000);
  });
});

describe("layoutOf", () => {
  it("puts inputs before their users, and no two boxes in one place", () => {
    fc.assert(
      fc.property(programs, (text) => {
        const { inputs } = graphOf(text);
        const { places, width } = layoutOf(inputs);
        for (const [node, list] of inputs.entries())
          for (const input of list) expect(places[input].rank).toBeLessThan(places[node].rank);
        for (const [i, a] of places.entries()) {
          expect(a.across).toBeGreaterThanOrEqual(0.49);
          expect(a.across).toBeLessThanOrEqual(width);
          for (const b of places.slice(i + 1))
            expect(a.rank === b.rank ? Math.abs(a.across - b.across) : 1).toBeGreaterThan(0.99);
        }
      }),
    );
  });
});
