import { topologicalSort, type Value, v } from "micrograd";
import { shown } from "../lib/numbers.ts";
import { type Expression, ExpressionError, parse, type Statement } from "./parse.ts";

/** The graph of a program, in an order in which inputs come before those who use them. */
export interface Graph {
  readonly root: Value;
  readonly nodes: readonly Value[];
  /** What each node is called: its name in the program, its number, or v1, v2, … */
  readonly names: readonly string[];
  /** The places in `nodes` of each node's inputs. */
  readonly inputs: readonly (readonly number[])[];
}

/** More do not fit into a picture that one can read. */
export const MOST_NODES = 60;

/** Throws ExpressionError. */
export function graphOf(text: string): Graph {
  const root = run(parse(text));
  const nodes = topologicalSort(root);
  if (nodes.length > MOST_NODES)
    throw new ExpressionError(`the graph has ${nodes.length} nodes; at most ${MOST_NODES} can be drawn`, 0);
  const places = new Map(nodes.map((node, i) => [node, i]));
  const used = new Set(nodes.map(({ label }) => label));
  let unnamed = 0;
  const next = (): string => {
    const name = `v${++unnamed}`;
    return used.has(name) ? next() : name;
  };
  const names = nodes.map(({ label, op, data }) => label || (op ? next() : shown(data)));
  return {
    root,
    nodes,
    names,
    inputs: nodes.map(({ prev }) => prev.map((one) => places.get(one) as number)),
  };
}

function run(statements: readonly Statement[]): Value {
  const known = new Map<string, Value>();
  let last = v(0);
  for (const { name, value } of statements) {
    last = evaluate(value, known);
    if (name === null) continue;
    last.label ||= name;
    known.set(name, last);
  }
  return last;
}

function evaluate(e: Expression, known: ReadonlyMap<string, Value>): Value {
  switch (e.kind) {
    case "number":
      return v(e.value);
    case "name": {
      const found = known.get(e.name);
      if (!found)
        throw new ExpressionError(`“${e.name}” has no value yet; write ${e.name} = 2; before it`, e.at);
      return found;
    }
    case "negative":
      return evaluate(e.input, known).neg();
    case "call":
      return evaluate(e.input, known)[e.name]();
    case "binary":
      return binary(e, known);
  }
}

const METHODS = { "+": "add", "-": "sub", "*": "mul", "/": "div", "^": "pow" } as const;

function binary(
  { op, left, right }: Expression & { kind: "binary" },
  known: ReadonlyMap<string, Value>,
): Value {
  const x = evaluate(left, known);
  const y = right.kind === "number" ? right.value : evaluate(right, known);
  return x[METHODS[op]](y);
}
