import { trace } from "micrograd";
import { shown } from "../lib/numbers.ts";
import type { Graph } from "./build.ts";

/** Four ways to walk back. Only the first is right. */
export type Mode = "right" | "naive" | "kept" | "assigned";

/** One step of a run; the state after it is in it, so that one can scrub to and fro. */
export interface Step {
  readonly kind: "start" | "forward" | "seed" | "add";
  /** The node that computes, or that passes its gradient on. */
  readonly node: number;
  /** The node whose number changes. */
  readonly target: number;
  /** Which input of `node` the target is; −1 where it is none. */
  readonly slot: number;
  /** `b.grad += f.grad · a` */
  readonly formula: string;
  /** `= 1 · 2 = 2` */
  readonly numbers: string;
  /** How many nodes have a value. */
  readonly computed: ReadonlySet<number>;
  readonly grads: readonly number[];
}

export interface Passes {
  readonly steps: readonly Step[];
  /** The library's gradients: what `root.backward()` gives. */
  readonly right: readonly number[];
  /** A naive recursion visits every path; of more steps than this the rest is left out. */
  readonly cut: boolean;
}

const MOST_STEPS = 2000;

/** Every step from the inputs to the last gradient. */
export function runOf(graph: Graph, mode: Mode): Passes {
  const recorder = new Recorder(graph);
  recorder.forward();
  for (const node of graph.nodes) node.grad = 0;
  const passes = [...trace(graph.root)];
  const right = graph.nodes.map(({ grad }) => grad);
  const place = new Map(graph.nodes.map((node, i) => [node, i]));
  const order = passes.map(({ node }) => place.get(node) as number);
  const root = graph.nodes.length - 1;
  recorder.seed(root);
  if (mode === "right")
    for (const step of passes) recorder.pass(place.get(step.node) as number, step.contributions);
  else if (mode === "naive") recorder.recurse(root);
  else {
    for (const node of order) recorder.pass(node, recorder.contributions(node), mode === "assigned");
    if (mode === "kept") {
      recorder.seed(root);
      for (const node of order) recorder.pass(node, recorder.contributions(node));
    }
  }
  return { steps: recorder.steps, right, cut: recorder.full };
}

class Recorder {
  readonly steps: Step[] = [];
  readonly #graph: Graph;
  readonly #grads: number[];
  #computed: ReadonlySet<number>;

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#grads = graph.nodes.map(() => 0);
    this.#computed = new Set(graph.nodes.flatMap(({ op }, i) => (op ? [] : [i])));
    this.#note("start", -1, -1, -1, "The inputs have their values.", "");
  }

  get full(): boolean {
    return this.steps.length >= MOST_STEPS;
  }

  forward(): void {
    for (const [i, node] of this.#graph.nodes.entries()) {
      if (!node.op) continue;
      const inputs = this.#graph.inputs[i];
      this.#computed = new Set([...this.#computed, i]);
      const names = spelled(
        node.op,
        inputs.map((k) => this.#graph.names[k]),
      );
      const numbers = spelled(
        node.op,
        inputs.map((k) => shown(this.#graph.nodes[k].data)),
      );
      this.#note(
        "forward",
        i,
        i,
        -1,
        `${this.#graph.names[i]} = ${names}`,
        `= ${numbers} = ${shown(node.data)}`,
      );
    }
  }

  seed(root: number): void {
    this.#grads[root] = 1;
    this.#note(
      "seed",
      root,
      root,
      -1,
      `${this.#graph.names[root]}.grad = 1`,
      "(the result moves as much as itself)",
    );
  }

  contributions(node: number): readonly number[] {
    return this.#graph.nodes[node].pullback(this.#grads[node]);
  }

  /** Hands a node's gradient to its inputs. */
  pass(node: number, contributions: readonly number[], assigned = false): void {
    for (const [slot, amount] of contributions.entries()) this.#add(node, slot, amount, assigned);
  }

  /** The fault: each arrival is passed on at once, with all that came before it once more. */
  recurse(node: number): void {
    for (const [slot, amount] of this.contributions(node).entries()) {
      if (this.full) return;
      this.#add(node, slot, amount, false);
      this.recurse(this.#graph.inputs[node][slot]);
    }
  }

  #add(node: number, slot: number, amount: number, assigned: boolean): void {
    if (this.full) return;
    const { names, nodes, inputs } = this.#graph;
    const target = inputs[node][slot];
    const before = this.#grads[target];
    const g = this.#grads[node];
    this.#grads[target] = assigned ? amount : before + amount;
    const slope = slopeOf(
      nodes[node].op,
      slot,
      inputs[node].map((k) => names[k]),
      names[node],
    );
    const value = g === 0 ? Number.NaN : amount / g;
    const numbers = Number.isFinite(value)
      ? `${shown(g)} · ${shown(value)} = ${shown(amount)}`
      : shown(amount);
    const change = `${shown(before)} → ${shown(this.#grads[target])}`;
    const sign = assigned ? "=" : "+=";
    this.#note(
      "add",
      node,
      target,
      slot,
      `${names[target]}.grad ${sign} ${names[node]}.grad · ${slope}`,
      `= ${numbers};  ${change}`,
    );
  }

  #note(
    kind: Step["kind"],
    node: number,
    target: number,
    slot: number,
    formula: string,
    numbers: string,
  ): void {
    const state = { computed: this.#computed, grads: [...this.#grads] };
    this.steps.push({ kind, node, target, slot, formula, numbers, ...state });
  }
}

/** An operation as one writes it. */
export function spelled(op: string, [x, y]: readonly string[]): string {
  if (op === "+" || op === "^") return `${x} ${op} ${y}`;
  if (op === "*") return `${x} · ${y}`;
  return op.startsWith("^") ? `${x}${op.replace("-", "−")}` : `${op}(${x})`;
}

/** The derivative of an operation by one of its inputs, in names. */
export function slopeOf(op: string, slot: number, [x, y]: readonly string[], result: string): string {
  switch (op) {
    case "+":
      return "1";
    case "*":
      return slot === 0 ? y : x;
    case "^":
      return slot === 0 ? `${y}·${x}^(${y}−1)` : `${result}·log(${x})`;
    case "relu":
      return `(${x} > 0)`;
    case "tanh":
      return `(1 − ${result}²)`;
    case "sigmoid":
      return `${result}·(1 − ${result})`;
    case "exp":
      return result;
    case "log":
      return `1/${x}`;
    default: {
      const power = Number(op.slice(1));
      return power === 2 ? `2·${x}` : `${shown(power)}·${x}^${shown(power - 1)}`;
    }
  }
}
