import type { Value } from "micrograd";
import { type Language, read } from "../report/formula-language.ts";
import type { ScalarNodes } from "./scalar-nodes.ts";

/** What a formula speaks of: the gradient g of the result r, the inputs x and y. */
export type Names = Readonly<Partial<Record<"g" | "x" | "y" | "r", string>>>;

/**
 * One of micrograd's operations: the value, and what it adds to the gradient of each input. Derivatives are written down
 * once more here: a rule taken from micrograd's closures would agree with any mistake.
 */
export interface Rule {
  readonly forward: string;
  /** One formula per input. */
  readonly backward: readonly string[];
  readonly constants?: Readonly<Record<string, number>>;
}

export const rules: Readonly<Record<string, Rule>> = {
  "+": { forward: "x + y", backward: ["g", "g"] },
  "*": { forward: "x·y", backward: ["g·y", "g·x"] },
  // Nothing for an exponent of 0; of the exponent, the limit at x = 0.
  "^": {
    forward: "x^y",
    backward: ["g·(0 where y = 0, else y·x^(y − 1))", "g·(0 where x = 0 ∧ y ≥ 0, else r·ln x)"],
  },
  // Nothing at the kink.
  relu: { forward: "relu x", backward: ["0 where x ≤ 0, else g"] },
  tanh: { forward: "tanh x", backward: ["g·(1 − r·r)"] },
  // Spelled out: ONNX Runtime's own Sigmoid computes 1 − s(−x) below 0, and gives 0 where s is 4e-18.
  sigmoid: { forward: "1/(1 + exp(−x))", backward: ["g·r·(1 − r)"] },
  exp: { forward: "exp x", backward: ["g·r"] },
  log: { forward: "ln x", backward: ["g/x"] },
};

/** x^c with a plain number, which micrograd keeps in the operation's name: `^3`. */
const power = (c: number): Rule => ({
  forward: "x^c",
  backward: [c === 0 ? "g·c" : "g·(c·x^d)"],
  constants: { c, d: c - 1 },
});

/** Writes a formula as nodes; returns the name of its value. */
export function write(to: ScalarNodes, formula: string, names: Names, { constants = {} }: Rule): string {
  const node =
    (op: string) =>
    (...inputs: string[]) =>
      to.node(op, ...inputs);
  const given = Object.entries(constants).map(([name, x]) => [name, to.constant(x)] as const);
  const language: Language<string> = {
    literal: (x) => to.constant(x),
    values: new Map([...(Object.entries(names) as [string, string][]), ...given]),
    calls: new Map([
      ["relu", node("Relu")],
      ["tanh", node("Tanh")],
      ["exp", node("Exp")],
      ["ln", node("Log")],
    ]),
    over: {},
    levels: [
      { "∧": node("And") },
      { "=": node("Equal"), "≤": node("LessOrEqual"), "≥": node("GreaterOrEqual") },
      { "+": node("Add"), "−": node("Sub") },
      { "·": node("Mul"), "/": node("Div") },
    ],
    brackets: { "(": [")", (x) => x] },
    prefixes: { "−": node("Neg") },
    times: node("Mul"),
    power: node("Pow"),
    where: node("Where"),
  };
  return read(formula, language);
}

/** Throws a TypeError for an operation that is none of micrograd's, or has the wrong number of inputs. */
export function ruleOf({ op, prev }: Value): Rule {
  const rule = Object.hasOwn(rules, op) && op !== "^" ? rules[op] : powerOf(op);
  if (rule?.backward.length === prev.length) return rule;
  const known = [...Object.keys(rules), "^<number>"].join(", ");
  const what = rule ? `the operation takes ${rule.backward.length}` : `known are ${known}`;
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
