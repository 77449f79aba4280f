import type { Value } from "micrograd";
import type { ScalarNodes } from "./scalar-nodes.ts";

/** The names that a backward rule may use: gradient of the result, the inputs, and the result itself. */
interface Names {
  readonly g: string;
  readonly x: string;
  readonly y: string;
  readonly result: string;
}

/**
 * One of micrograd's operations in ONNX: the value, and what it adds to the gradient of each input. Derivatives are
 * written down once more here, from the formula: a rule taken from micrograd's closures would agree with any mistake.
 */
export interface Rule {
  readonly inputs: 1 | 2;
  readonly forward: (to: ScalarNodes, x: string, y: string) => string;
  /** One function per input, so that nobody writes nodes for the gradient of a constant. */
  readonly backward: (to: ScalarNodes, names: Names) => readonly (() => string)[];
}

export const rules: Readonly<Record<string, Rule>> = {
  // x + y: both inputs get g.
  "+": {
    inputs: 2,
    forward: (to, x, y) => to.node("Add", x, y),
    backward: (_, { g }) => [() => g, () => g],
  },

  // x·y: each factor gets g times the other.
  "*": {
    inputs: 2,
    forward: (to, x, y) => to.node("Mul", x, y),
    backward: (to, { g, x, y }) => [() => to.node("Mul", g, y), () => to.node("Mul", g, x)],
  },

  // x^y: d/dx = y·x^(y−1), and 0 for y = 0; d/dy = x^y·ln x, and its limit 0 at x = 0 for y ≥ 0.
  "^": {
    inputs: 2,
    forward: (to, x, y) => to.node("Pow", x, y),
    backward: (to, { g, x, y, result }) => {
      const [zero, one] = [to.constant(0), to.constant(1)];
      return [
        () => {
          const slope = to.node("Mul", y, to.node("Pow", x, to.node("Sub", y, one)));
          return to.node("Mul", g, to.node("Where", to.node("Equal", y, zero), zero, slope));
        },
        () => {
          const isLimit = to.node("And", to.node("Equal", x, zero), to.node("GreaterOrEqual", y, zero));
          const slope = to.node("Mul", result, to.node("Log", x));
          return to.node("Mul", g, to.node("Where", isLimit, zero, slope));
        },
      ];
    },
  },

  // max(0, x): g where x > 0; nothing at the kink.
  relu: {
    inputs: 1,
    forward: (to, x) => to.node("Relu", x),
    backward: (to, { g, x }) => {
      const zero = to.constant(0);
      return [() => to.node("Where", to.node("LessOrEqual", x, zero), zero, g)];
    },
  },

  // t = tanh x: g·(1 − t²).
  tanh: {
    inputs: 1,
    forward: (to, x) => to.node("Tanh", x),
    backward: (to, { g, result: t }) => [
      () => to.node("Mul", g, to.node("Sub", to.constant(1), to.node("Mul", t, t))),
    ],
  },

  // s = 1/(1 + e^−x): g·s·(1 − s). Spelled out: ONNX Runtime's own Sigmoid computes 1 − s(−x) below 0, and gives 0
  // where s is 4e-18.
  sigmoid: {
    inputs: 1,
    forward: (to, x) => {
      const one = to.constant(1);
      return to.node("Div", one, to.node("Add", one, to.node("Exp", to.node("Neg", x))));
    },
    backward: (to, { g, result: s }) => [
      () => to.node("Mul", to.node("Mul", g, s), to.node("Sub", to.constant(1), s)),
    ],
  },

  // e^x is its own derivative.
  exp: {
    inputs: 1,
    forward: (to, x) => to.node("Exp", x),
    backward: (to, { g, result }) => [() => to.node("Mul", g, result)],
  },

  // ln x: g/x.
  log: {
    inputs: 1,
    forward: (to, x) => to.node("Log", x),
    backward: (to, { g, x }) => [() => to.node("Div", g, x)],
  },
};

/** x^c with a plain number, which micrograd keeps in the operation's name: `^3`. */
const power = (c: number): Rule => ({
  inputs: 1,
  forward: (to, x) => to.node("Pow", x, to.constant(c)),
  backward: (to, { g, x }) => [
    () => {
      if (c === 0) return to.node("Mul", g, to.constant(0));
      const slope = to.node("Mul", to.constant(c), to.node("Pow", x, to.constant(c - 1)));
      return to.node("Mul", g, slope);
    },
  ],
});

/** Throws a TypeError for an operation that is none of micrograd's, or has the wrong number of inputs. */
export function ruleOf({ op, prev }: Value): Rule {
  const rule = Object.hasOwn(rules, op) && op !== "^" ? rules[op] : powerOf(op);
  if (rule?.inputs === prev.length) return rule;
  const known = [...Object.keys(rules), "^<number>"].join(", ");
  const what = rule ? `the operation takes ${rule.inputs}` : `known are ${known}`;
  const inputs = `${prev.length} input${prev.length === 1 ? "" : "s"}`;
  throw new TypeError(`exportScalars: operation ${JSON.stringify(op)} on ${inputs} — ${what}`);
}

function powerOf(op: string): Rule | undefined {
  if (op === "^") return rules[op];
  const exponent = op.slice(1);
  if (!op.startsWith("^") || exponent !== String(Number(exponent))) return undefined;
  if (!Number.isNaN(Number(exponent))) return power(Number(exponent));
  throw new TypeError(
    "exportScalars: the exponent of a power is NaN — every result of the model would be NaN",
  );
}
