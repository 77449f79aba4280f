import { DisposedError, GradientError, HeapError, ShapeError } from "../../00-runtime/index.ts";
import type { Message } from "../format/schema.ts";
import type { Context } from "./operator.ts";
import type { Plan, Plans, Step } from "./plan.ts";
import type { Value } from "./values.ts";

/** Values by name, and those of the graphs around. */
class Scope {
  readonly #values = new Map<string, Value>();
  readonly #outer: Scope | null;

  constructor(outer: Scope | null) {
    this.#outer = outer;
  }

  get(name: string): Value {
    if (this.#values.has(name)) return this.#values.get(name) as Value;
    return this.#outer ? this.#outer.get(name) : null;
  }

  set(name: string, value: Value): void {
    this.#values.set(name, value);
  }

  drop(name: string): void {
    this.#values.delete(name);
  }
}

/** Runs the graphs of a file, node by node. */
export class Runner {
  readonly #plans: Plans;
  readonly #stored: (key: string) => Value;
  readonly #lastUses = new Map<Plan, readonly (readonly string[])[]>();
  readonly #seen: ((name: string, value: Value) => void) | undefined;

  /**
   * @param stored   what the file holds under a key
   * @param seen     is told every result of the main graph
   */
  constructor(plans: Plans, stored: (key: string) => Value, seen?: (name: string, value: Value) => void) {
    [this.#plans, this.#stored, this.#seen] = [plans, stored, seen];
  }

  run(inputs: readonly Value[]): Value[] {
    return this.#graph(this.#plans.main, inputs, null);
  }

  #graph(plan: Plan, inputs: readonly Value[], outer: Scope | null): Value[] {
    const scope = new Scope(outer);
    for (const { name, key } of plan.stored) scope.set(name, this.#stored(key));
    for (const [i, { name }] of plan.inputs.entries()) scope.set(name, inputs[i] ?? null);
    const lastUses = this.#lastUses.get(plan) ?? lastUsesOf(plan);
    this.#lastUses.set(plan, lastUses);
    for (const [i, step] of plan.steps.entries()) {
      const results = this.#step(step, scope);
      for (const [k, name] of step.outputs.entries()) if (name !== "") scope.set(name, results[k] ?? null);
      if (!outer && this.#seen) for (const [k, name] of step.outputs.entries()) this.#seen(name, results[k]);
      for (const name of lastUses[i]) scope.drop(name);
    }
    return plan.outputs.map(({ name }) => scope.get(name));
  }

  #step(step: Step, scope: Scope): readonly Value[] {
    const context: Context = {
      opset: step.opset,
      outputs: step.outputs.length,
      call: (graph: Message<"Graph">, inputs) =>
        this.#graph(this.#plans.inner.get(graph) as Plan, inputs, scope),
    };
    try {
      const values = step.inputs.map((name) => (name === "" ? null : scope.get(name)));
      const result = step.version.run(values, step.attributes, context);
      return Array.isArray(result) ? (result as readonly Value[]) : [result as Value];
    } catch (error) {
      throw located(step, error);
    }
  }
}

const own = [ShapeError, GradientError, HeapError, DisposedError, RangeError, TypeError] as const;

/** The same error, with the node where it came up. */
function located({ name, op, opset }: Step, error: unknown): Error {
  const message = error instanceof Error ? error.message : String(error);
  if (message.startsWith("importOnnx: node")) return error as Error;
  const text = `importOnnx: node "${name}" (${op}, opset ${opset}): ${message}`;
  const Kind = own.find((kind) => error instanceof kind) ?? Error;
  return new Kind(text, { cause: error });
}

/** For every step, the results that nobody reads after it: their memory is free for the next ones. */
function lastUsesOf({ steps, outputs }: Plan): string[][] {
  const last = new Map<string, number>();
  const made = new Set(steps.flatMap((step) => step.outputs));
  for (const [i, step] of steps.entries()) {
    for (const name of step.outputs) last.set(name, i);
    for (const name of step.inputs) if (made.has(name)) last.set(name, i);
    for (const graph of graphsIn(step))
      for (const name of namesIn(graph)) if (made.has(name)) last.set(name, i);
  }
  for (const { name } of outputs) last.delete(name);
  const uses: string[][] = steps.map(() => []);
  for (const [name, i] of last) uses[i].push(name);
  return uses;
}

const graphsIn = ({ attributes }: Step): Message<"Graph">[] =>
  Object.values(attributes).filter(
    (value): value is Message<"Graph"> => typeof value === "object" && value !== null && "node" in value,
  );

const namesIn = (graph: Message<"Graph">): string[] => [
  ...graph.output.map(({ name = "" }) => name),
  ...graph.node.flatMap(({ input, attribute }) => [
    ...input,
    ...attribute.flatMap(({ g }) => (g ? namesIn(g) : [])),
  ]),
];
