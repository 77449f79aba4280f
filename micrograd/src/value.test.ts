import { describe, expect, it } from "vitest";
import { Value, v } from "./value.ts";

describe("Value", () => {
  it("remembers its data, its label and nothing else when it is a leaf", () => {
    const a = v(2, "a");
    expect([a.data, a.grad, a.label, a.op, a.prev]).toEqual([2, 0, "a", "", []]);
    expect(new Value(2).label).toBe("");
  });

  it("remembers the operation and its inputs in argument order, twice if given twice", () => {
    const a = v(2);
    const b = v(3);
    const c = a.mul(b);
    expect([c.data, c.op]).toEqual([6, "*"]);
    expect(c.prev[0]).toBe(a);
    expect(c.prev[1]).toBe(b);
    expect(a.add(b).prev[0]).toBe(a);
    expect(a.add(a).prev).toHaveLength(2);
  });

  it("takes any number, as floating point does", () => {
    for (const x of [Number.NaN, Number.POSITIVE_INFINITY, -0, 5e-324]) expect(v(x).data).toBe(x);
    expect(v(-1).log().data).toBeNaN();
    expect(v(1).div(0).data).toBe(Number.POSITIVE_INFINITY);
    expect(v(Number.NaN).relu().data).toBeNaN();
  });

  it("prints as one line, with the label where there is one", () => {
    expect(`${v(2, "a")} ${v(1).add(2)}`).toBe("Value(a: data=2, grad=0) Value(data=3, grad=0)");
    expect(String(v(2))).toBe("Value(data=2, grad=0)");
  });
});

describe("operations", () => {
  const x = 0.5;
  const y = 3;
  const table: [string, (a: Value, b: Value) => Value, value: number, da: number, db: number][] = [
    ["add", (a, b) => a.add(b), 3.5, 1, 1],
    ["sub", (a, b) => a.sub(b), -2.5, 1, -1],
    ["mul", (a, b) => a.mul(b), 1.5, 3, 0.5],
    ["div", (a, b) => a.div(b), 1 / 6, 1 / 3, -1 / 18],
    ["pow by a Value", (a, b) => a.pow(b), 0.125, 0.75, 0.125 * Math.log(0.5)],
    ["pow by a number", (a) => a.pow(3), 0.125, 0.75, 0],
    ["neg", (a) => a.neg(), -0.5, -1, 0],
    ["relu above 0", (a) => a.relu(), 0.5, 1, 0],
    ["relu below 0", (a, b) => a.sub(b).relu(), 0, 0, 0],
    ["tanh", (a) => a.tanh(), Math.tanh(x), 1 / Math.cosh(x) ** 2, 0],
    ["sigmoid", (a) => a.sigmoid(), 1 / (1 + Math.exp(-x)), 1 / (2 + Math.exp(x) + Math.exp(-x)), 0],
    ["abs above 0", (a) => a.abs(), 0.5, 1, 0],
    ["abs below 0", (a, b) => a.sub(b).abs(), 2.5, -1, 1],
    ["sqrt", (a) => a.sqrt(), Math.sqrt(0.5), 1 / (2 * Math.sqrt(0.5)), 0],
    ["exp", (a) => a.exp(), Math.exp(x), Math.exp(x), 0],
    ["log", (a) => a.log(), Math.log(x), 2, 0],
  ];

  it.each(table)("%s has the value and the derivatives of the textbook", (_name, f, value, da, db) => {
    const a = v(x);
    const b = v(y);
    const result = f(a, b);
    result.backward();
    expect(result.data).toBeCloseTo(value, 14);
    expect(a.grad).toBeCloseTo(da, 14);
    expect(b.grad).toBeCloseTo(db, 14);
  });

  it("take numbers where they take values", () => {
    expect(v(7).add(2).data).toBe(9);
    expect(v(7).sub(2).data).toBe(5);
    expect(v(7).mul(2).data).toBe(14);
    expect(v(7).div(2).data).toBe(3.5);
    expect(v(7).pow(2).data).toBe(49);
  });

  it("agree at the edges with what the limits say", () => {
    expect(gradient(0, (a) => a.relu())).toBe(0);
    expect(gradient(0, (a) => a.pow(0))).toBe(0); // 0 · 0^-1 would be NaN
    expect(gradient(-3, (a) => a.pow(2))).toBe(-6); // no log of a negative base
    expect(gradient(2, (a) => v(0).pow(a))).toBe(0); // 0² · log 0 would be NaN
    expect(gradient(-2, (a) => v(-2).pow(a))).toBeNaN(); // (-2)^y is real at integers only
    expect(gradient(1000, (a) => a.sigmoid())).toBe(0);
    expect(gradient(-1000, (a) => a.sigmoid())).toBe(0);
    expect(gradient(1000, (a) => a.tanh())).toBe(0);
  });

  it("leave their inputs as they were", () => {
    const a = v(0.3);
    const b = v(0.7);
    for (const [, f] of table) f(a, b).backward();
    expect([a.data, b.data]).toEqual([0.3, 0.7]);
  });

  it("fix the derivative when they run: changing data afterwards does not bend it", () => {
    const a = v(2);
    const b = v(3);
    const c = a.mul(b).add(a.pow(2)).add(a.log());
    a.data = 100;
    b.data = 100;
    c.backward();
    expect([a.grad, b.grad]).toEqual([3 + 4 + 0.5, 2]);
  });
});

describe("backward", () => {
  it("adds up all paths of a diamond: b = a + a; c = b + b", () => {
    const a = v(1);
    const b = a.add(a);
    const c = b.add(b);
    c.backward();
    expect([c.grad, b.grad, a.grad]).toEqual([1, 2, 4]);
  });

  it("gives the published numbers of micrograd's example", () => {
    const a = v(-4);
    const b = v(2);
    let c = a.add(b);
    let d = a.mul(b).add(b.pow(3));
    c = c.add(c.add(1));
    c = c.add(c.add(1).sub(a));
    d = d.add(d.mul(2).add(b.add(a).relu()));
    d = d.add(d.mul(3).add(b.sub(a).relu()));
    const f = c.sub(d).pow(2);
    const g = f.div(2).add(v(10).div(f));
    g.backward();
    expect([g.data, a.grad, b.grad].map((x) => x.toFixed(4))).toEqual(["24.7041", "138.8338", "645.5773"]);
  });

  it("gives a value alone the gradient 1, once per call as for every leaf", () => {
    const a = v(5);
    a.backward();
    expect(a.grad).toBe(1);
    a.backward();
    expect(a.grad).toBe(2);
  });

  it("sums over calls at the leaves, and counts nothing twice in between", () => {
    const a = v(3, "a");
    const b = a.mul(a);
    const c = b.mul(2);
    c.backward();
    expect([a.grad, b.grad, c.grad]).toEqual([12, 2, 1]);
    c.backward();
    expect([a.grad, b.grad, c.grad]).toEqual([24, 2, 1]); // not 36, the sum with stale inner gradients
    a.grad = 0;
    c.backward();
    expect(a.grad).toBe(12);
  });

  it("sums the gradients of two losses that share a part", () => {
    const a = v(3);
    const shared = a.mul(a);
    shared.mul(2).backward();
    shared.add(a).backward();
    expect(a.grad).toBe(12 + 7);
  });

  it("can start in the middle of a graph, and does not touch what is above", () => {
    const a = v(3);
    const b = a.mul(a);
    const c = b.mul(5);
    b.backward();
    expect([a.grad, b.grad, c.grad]).toEqual([6, 1, 0]);
  });

  it("walks a chain of a million values without recursion", () => {
    const x = v(1);
    let y = x;
    for (let i = 0; i < 1_000_000; i++) y = y.add(x);
    y.backward();
    expect([y.data, x.grad]).toEqual([1_000_001, 1_000_001]);
  });

  it("visits each node once where paths double at every step", () => {
    const x = v(1);
    let y = x;
    for (let i = 0; i < 1000; i++) y = y.add(y);
    y.backward();
    expect(x.grad).toBe(2 ** 1000);
  });
});

describe("errors", () => {
  const bad = (x: unknown) => x as number;

  it("say what is not a number", () => {
    expect(() => v(bad("2"))).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: Value("2"): got type string — expected a number]`,
    );
    expect(() => v(bad(undefined))).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: Value(undefined): got type undefined — expected a number]`,
    );
    expect(() => v(bad(null))).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: Value([object Null]): got type object — expected a number]`,
    );
    expect(() => v(bad(2n))).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: Value(2): got type bigint — expected a number]`,
    );
    expect(() => v(bad([1]))).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: Value([object Array]): got type object — expected a number]`,
    );
    expect(() => new Value(bad("x".repeat(1000)))).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: Value("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…"): got type string — expected a number]`,
    );
    expect(() => v(bad(Symbol("s")))).toThrow(TypeError);
    expect(() => v(bad(Object.create(null)))).toThrow(TypeError);
    expect(() => v(bad(() => 1))).toThrow(TypeError);
  });

  it("show both operands", () => {
    expect(() => v(3).add(bad("2"))).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: Value(3).add("2"): got type string — expected a Value or a number]`,
    );
    expect(() => v(3).sub(bad("2"))).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: Value(3).sub("2"): got type string — expected a Value or a number]`,
    );
    expect(() => v(3).mul(bad(undefined))).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: Value(3).mul(undefined): got type undefined — expected a Value or a number]`,
    );
    expect(() => v(3).div(bad({}))).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: Value(3).div([object Object]): got type object — expected a Value or a number]`,
    );
    expect(() => v(3).pow(bad(true))).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: Value(3).pow(true): got type boolean — expected a Value or a number]`,
    );
  });

  it("catch operators, which would lose the graph", () => {
    const a: unknown = v(3, "a");
    expect(() => bad(a) + 1).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: Value(a: data=3, grad=0): used with a JavaScript operator — call its methods: a.add(b) for a + b]`,
    );
    expect(() => bad(a) * 2).toThrow(TypeError);
    expect(() => bad(a) < 2).toThrow(TypeError);
  });
});

function gradient(x: number, f: (a: Value) => Value): number {
  const a = v(x);
  f(a).backward();
  return a.grad;
}

describe("an operation of one's own", () => {
  const make = (inputs: unknown, pullback: unknown) => () =>
    new Value(1, "", "mine", inputs as Value[], pullback as (g: number) => number[]);
  const back = (inputs: Value[], gives: unknown) => () => make(inputs, () => gives)().backward();

  it("works like a built-in one", () => {
    const x = v(2);
    const cube = new Value(x.data ** 3, "", "cube", [x], (g) => [g * 3 * x.data ** 2]);
    cube.mul(x).backward();
    expect([cube.data, x.grad]).toEqual([8, 32]);
  });

  it("is refused with inputs that are no Values, or a derivative that is no function", () => {
    expect(make(v(1), () => [1])).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: Value(…, "mine"): got [object Object] — expected a list of Values]`,
    );
    expect(make([v(1), 2], () => [1, 1])).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: Value(…, "mine"): got [[object Object], 2] — expected a list of Values]`,
    );
    expect(make(null, () => [1])).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: Value(…, "mine"): got [object Null] — expected a list of Values]`,
    );
    expect(make([v(1)], [1])).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: Value(…, "mine"): got type object — expected a derivative]`,
    );
  });

  it("is refused when its derivative gives no list, too few, too many, or no numbers", () => {
    expect(back([v(1)], 3)).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: backward through "mine": got 3 — expected a number for each of 1 inputs]`,
    );
    expect(back([v(1)], undefined)).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: backward through "mine": got undefined — expected a number for each of 1 inputs]`,
    );
    expect(back([v(1), v(2)], [1])).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: backward through "mine": got [1] — expected a number for each of 2 inputs]`,
    );
    expect(back([v(1)], [1, 2])).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: backward through "mine": got [1, 2] — expected a number for each of 1 inputs]`,
    );
    expect(back([v(1)], [v(2)])).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: backward through "mine": got [[object Object]] — expected a number for each of 1 inputs]`,
    );
  });

  it("leaves the gradients of its inputs as they were when it is refused", () => {
    const [x, y] = [v(1), v(2)];
    expect(back([x, y], [1, "2"])).toThrow("a number for each of 2 inputs");
    expect([x.grad, y.grad]).toEqual([0, 0]);
  });
});
