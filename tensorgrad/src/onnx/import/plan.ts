import { FormatError } from "../../00-runtime/index.ts";
import { CONSTANT } from "../format/data-types.ts";
import { elementTypeOf, nameOfCode } from "../format/element-types.ts";
import type { Message } from "../format/schema.ts";
import { type External, type HostArray, hostArrayOf } from "../format/tensor-proto.ts";
import { readAttributes } from "./attributes.ts";
import { checkValue, type Declared } from "./declared.ts";
import { type Place, placeOf, type Version, versionAt } from "./operator.ts";
import { operators, opsets } from "./operators.ts";
import { inOrder } from "./order.ts";

/** A graph that was checked: everything it names is known. */
export interface Plan {
  readonly name: string;
  readonly inputs: readonly Declared[];
  readonly outputs: readonly Declared[];
  readonly steps: readonly Step[];
  readonly stored: readonly Stored[];
}

export interface Step {
  readonly name: string;
  readonly op: string;
  readonly opset: number;
  readonly version: Version;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Record<string, unknown>;
}

/** An array that the file holds, and where it is used. */
export interface Stored {
  readonly name: string;
  /** Unique in the whole file: graphs within graphs have names of their own. */
  readonly key: string;
  readonly value: HostArray;
  readonly uses: (Place | null)[];
  /** It came as a node of the graph, or the exporter says that nobody trains it. */
  readonly from: "initializer" | "node" | "constant";
}

/** All plans of a file: the main graph, and those within nodes by their messages. */
export interface Plans {
  readonly main: Plan;
  readonly inner: ReadonlyMap<Message<"Graph">, Plan>;
}

/**
 * Checks a whole model before anything runs.
 *
 * Throws    FormatError that names the node, its operator and the opset
 */
export function planOf(model: Message<"Model">, external?: External): Plans {
  const planner = new Planner(opsetsOf(model), external);
  const main = planner.graph(model.graph as Message<"Graph">, null, "");
  return { main, inner: planner.inner };
}

function opsetsOf({ opsetImport }: Message<"Model">): Map<string, number> {
  const versions = new Map(
    opsetImport.map(({ domain = "", version = 0 }) => [normal(domain), Number(version)]),
  );
  const opset = versions.get("");
  if (opset !== undefined && !(opset >= opsets.from && opset <= opsets.to))
    throw new FormatError(`importOnnx: opset ${opset} — read are ${opsets.from} to ${opsets.to}`);
  return versions;
}

const normal = (domain: string): string => (domain === "ai.onnx" ? "" : domain);

/** The names that a graph sees: its own, and those of the graphs around it. */
class Names {
  readonly #own = new Map<string, Stored | null>();
  readonly #outer: Names | null;

  constructor(outer: Names | null) {
    this.#outer = outer;
  }

  add(name: string, stored: Stored | null, fail: (message: string) => Error): void {
    if (this.#own.has(name))
      throw fail(`a second value "${name}" — every value of a graph has a name of its own`);
    this.#own.set(name, stored);
  }

  /** What is stored under a name; null for a computed value, undefined if nobody knows it. */
  find(name: string): Stored | null | undefined {
    return this.#own.has(name) ? this.#own.get(name) : this.#outer?.find(name);
  }
}

class Planner {
  readonly inner = new Map<Message<"Graph">, Plan>();
  readonly #opsets: ReadonlyMap<string, number>;
  readonly #external: External | undefined;
  readonly #keys = new Set<string>();
  #depth = 0;

  constructor(versions: ReadonlyMap<string, number>, external?: External) {
    [this.#opsets, this.#external] = [versions, external];
  }

  graph(graph: Message<"Graph">, outer: Names | null, path: string): Plan {
    const where = path ? `importOnnx: graph "${graph.name ?? ""}" of node ${path}` : "importOnnx";
    const fail = (message: string) => new FormatError(`${where}: ${message}`);
    if (++this.#depth > 32) throw fail("graphs within graphs, more than 32 deep");
    const names = new Names(outer);
    const stored = graph.initializer.map((proto) => this.#initializer(proto, path, fail));
    for (const one of stored) names.add(one.name, one, fail);
    const isStored = new Set(stored.map(({ name }) => name));
    const inputs = graph.input
      .map((value) => checkValue(value, fail))
      .filter(({ name }) => !isStored.has(name));
    for (const { name } of inputs) names.add(name, null, fail);
    const nodes = inOrder(graph.node, (name) => names.find(name) !== undefined, fail);
    const steps = nodes.flatMap((node, i) => this.#node(node, i, names, stored, path));
    const outputs = graph.output.map((value) => checkValue(value, fail));
    for (const { name } of outputs) {
      const found = names.find(name);
      if (found === undefined) throw fail(`output "${name}" — no node, input or initializer has that name`);
      found?.uses.push(null);
    }
    this.#depth--;
    return { name: graph.name ?? "", inputs, outputs, steps, stored };
  }

  #initializer(proto: Message<"Tensor">, path: string, fail: (message: string) => Error): Stored {
    const { name = "" } = proto;
    if (!name) throw fail("an initializer without a name");
    const value = hostArrayOf(proto, `importOnnx: initializer "${name}"`, this.#external);
    const from = proto.docString === CONSTANT ? "constant" : "initializer";
    return { name, key: this.#key(path ? `${path}.${name}` : name), value, uses: [], from };
  }

  #key(wanted: string): string {
    let key = wanted;
    for (let n = 1; this.#keys.has(key); n++) key = `${wanted}_${n}`;
    this.#keys.add(key);
    return key;
  }

  #node(node: Message<"Node">, i: number, names: Names, stored: Stored[], path: string): Step[] {
    const domain = normal(node.domain ?? "");
    const opset = this.#opsets.get(domain);
    const op = `${domain && `${domain}.`}${node.opType ?? ""}`;
    const own = node.name || node.output.find((name) => name !== "") || `${i}`;
    const name = path ? `${path}/${own}` : own;
    const what = `importOnnx: node "${name}" (${op}, opset ${opset ?? "unknown"})`;
    const fail = (message: string) => new FormatError(`${what}: ${message}`);
    const version = versionFor(op, opset, domain, fail);
    const attributes = readAttributes(version.attributes, node.attribute, what, fail);
    checkInputs(version, node.input, names, fail);
    for (const attribute of node.attribute)
      if (attribute.g) this.inner.set(attribute.g, this.graph(attribute.g, names, name));
    if (op === "Cast" && !elementTypeOf(Number(attributes.to)))
      throw fail(`attribute "to" is ${nameOfCode(Number(attributes.to))} — such arrays are not known here`);
    const outputs = node.output;
    if (!outputs.some((name) => name !== "")) throw fail("no outputs — a node computes at least one value");
    if (op === "Constant") {
      const value = constantOf(version, attributes, fail);
      const one: Stored = { name: outputs[0], key: this.#key(name), value, uses: [], from: "node" };
      stored.push(one);
      names.add(one.name, one, fail);
      return [];
    }
    for (const output of outputs) if (output !== "") names.add(output, null, fail);
    return [{ name, op, opset: opset ?? 0, version, inputs: node.input, outputs, attributes }];
  }
}

/** What a node without inputs says. */
function constantOf(
  version: Version,
  attributes: Record<string, unknown>,
  fail: (message: string) => Error,
): HostArray {
  try {
    return version.run([], attributes, { opset: 0, outputs: 1, call: () => [] }) as HostArray;
  } catch (error) {
    throw fail(error instanceof Error ? error.message : String(error));
  }
}

function versionFor(
  op: string,
  opset: number | undefined,
  domain: string,
  fail: (message: string) => Error,
): Version {
  if (opset === undefined)
    throw fail(
      `the file names no opset of ${domain ? `domain "${domain}"` : "ONNX"} — its operators mean nothing then`,
    );
  const operator = Object.hasOwn(operators, op) ? operators[op] : undefined;
  if (!operator) throw fail("the operator is not known here");
  const version = versionAt(operator, opset);
  if (!version) throw fail(`the operator is known from opset ${operator[0].since} on`);
  return version;
}

function checkInputs(
  version: Version,
  inputs: readonly string[],
  names: Names,
  fail: (message: string) => Error,
): void {
  const { places } = version;
  const last = places.at(-1);
  if (inputs.length > places.length && !last?.variadic)
    throw fail(`${inputs.length} inputs — the operator takes ${places.length} at most`);
  for (const [i, place] of places.entries())
    if (!place.optional && !inputs[i]) throw fail(`input ${place.name} is missing`);
  for (const [i, input] of inputs.entries()) {
    if (input === "") continue;
    const found = names.find(input);
    if (found === undefined)
      throw fail(
        `input ${placeOf(version, i)?.name ?? i} is "${input}" — no node, input or initializer has that name`,
      );
    found?.uses.push(placeOf(version, i) ?? null);
  }
}
