/** The chain rule at one node: from its own gradient, the contribution to the gradient of each input. */
export type Pullback = (g: number) => readonly number[];

const noInputs: readonly Value[] = [];
const noContributions: Pullback = () => [];
let walks = 0;

/**
 * A number that remembers how it was computed.
 *
 * Every operation records three things: the edges of the graph (its inputs, in order), the value, and the derivative.
 * The derivative is a closure over the numbers of this evaluation: changing `data` later does not change it.
 *
 * An operation of one's own is a Value made by hand: its number, "", its name, its inputs, and its derivative.
 *
 * Throws    TypeError for data that is no number (NaN is one), inputs that are no Values, a derivative that is no function
 */
export class Value {
  data: number;
  /** d root / d this, from the latest backward pass; on leaves the sum over all passes. */
  grad = 0;
  label: string;
  readonly op: string;
  readonly prev: readonly Value[];
  readonly pullback: Pullback;
  /** The number of the last walk over the graph that came by: cheaper than a set of a million nodes. */
  seen = 0;

  constructor(data: number, label = "", op = "", prev = noInputs, pullback = noContributions) {
    if (typeof data !== "number") throw wrongType(`Value(${show(data)})`, data, "a number");
    if (prev !== noInputs && !isListOf(prev, isValue))
      throw wrongList(`Value(…, ${show(op)})`, prev, "a list of Values");
    if (typeof pullback !== "function") throw wrongType(`Value(…, ${show(op)})`, pullback, "a derivative");
    this.data = data;
    this.label = label;
    this.op = op;
    this.prev = prev;
    this.pullback = pullback;
  }

  // ── primitives: each knows its own derivative, and nothing about the graph around it ──

  add(other: Value | number): Value {
    const right = operand("add", this, other);
    return record("+", [this, right], this.data + right.data, (g) => [g, g]);
  }

  // exercise: micrograd-mul
  mul(other: Value | number): Value {
    const right = operand("mul", this, other);
    const x = this.data;
    const y = right.data;
    return record("*", [this, right], x * y, (g) => [g * y, g * x]);
  }

  // exercise: micrograd-pow
  /** x^y. A plain number as exponent has no gradient; a Value has one, which is real only where x > 0. */
  pow(exponent: Value | number): Value {
    const power = operand("pow", this, exponent);
    const x = this.data;
    const y = power.data;
    const dx = y === 0 ? 0 : y * x ** (y - 1); // x^0 is constant, also at x = 0 where 0 · ∞ would be NaN
    if (typeof exponent === "number") return record(`^${y}`, [this], x ** y, (g) => [g * dx]);
    const dy = x === 0 && y >= 0 ? 0 : x ** y * Math.log(x); // at x = 0 the limit, not 0 · −∞
    return record("^", [this, power], x ** y, (g) => [g * dx, g * dy]);
  }

  /** max(0, x), with derivative 0 at the kink. */
  relu(): Value {
    const x = this.data;
    return record("relu", [this], Math.max(0, x), (g) => [x <= 0 ? 0 : g]);
  }

  tanh(): Value {
    const t = Math.tanh(this.data);
    return record("tanh", [this], t, (g) => [g * (1 - t * t)]);
  }

  sigmoid(): Value {
    const s = 1 / (1 + Math.exp(-this.data));
    return record("sigmoid", [this], s, (g) => [g * s * (1 - s)]);
  }

  exp(): Value {
    const e = Math.exp(this.data);
    return record("exp", [this], e, (g) => [g * e]);
  }

  log(): Value {
    const x = this.data;
    return record("log", [this], Math.log(x), (g) => [g / x]);
  }

  // ── derived: they need no calculus of their own ──

  neg(): Value {
    return this.mul(-1);
  }
  sub(other: Value | number): Value {
    return this.add(operand("sub", this, other).neg());
  }
  /** √x */
  sqrt(): Value {
    return this.pow(0.5);
  }
  /** |x|, with derivative 0 at the kink. */
  abs(): Value {
    return this.relu().add(this.neg().relu());
  }
  /** x · y^-1, so the last bit may differ from that of x / y. */
  div(other: Value | number): Value {
    return this.mul(operand("div", this, other).pow(-1));
  }

  /**
   * Fills `grad` with d this / d node for every node that this value was computed from.
   *
   * Leaves accumulate over calls, as the sum of several losses needs; set `grad = 0` to start afresh.
   * Everything in between starts from 0 in every call, so that nothing is counted twice.
   *
   * Cost      one visit per node, no recursion: a chain of a million nodes is fine
   * Throws    TypeError if a derivative gives another count of contributions than there are inputs, or no numbers
   */
  backward(): void {
    for (const node of backwardOrder(this)) propagate(node);
  }

  toString(): string {
    return `Value(${this.label && `${this.label}: `}data=${this.data}, grad=${this.grad})`;
  }

  /** One line in Node's console.log, not the whole graph. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }

  [Symbol.toPrimitive](hint: string): string {
    if (hint === "string") return this.toString();
    throw new TypeError(`${this}: used with a JavaScript operator — call its methods: a.add(b) for a + b`);
  }
}

/** Shorthand for a leaf: `v(2)`, `v(2, "x")`. */
export const v = (data: number, label = ""): Value => new Value(data, label);

// exercise: micrograd-order
/** Every node behind `root`, each one before its inputs; inner gradients are 0, the root's is seeded with 1. */
export function backwardOrder(root: Value): Value[] {
  const order = topologicalSort(root);
  for (const node of order) if (node.prev.length > 0) node.grad = 0;
  root.grad += 1; // d root / d root
  return order.reverse();
}

// exercise: micrograd-propagate
/** Adds what `node` contributes to the gradients of its inputs, and returns those contributions. */
export function propagate(node: Value): readonly number[] {
  const contributions = node.pullback(node.grad);
  if (!isListOf(contributions, isNumber) || contributions.length !== node.prev.length)
    throw wrongList(
      `backward through ${show(node.op)}`,
      contributions,
      `a number for each of ${node.prev.length} inputs`,
    );
  for (let i = 0; i < contributions.length; i++) node.prev[i]!.grad += contributions[i]!;
  return contributions;
}

// exercise: micrograd-sort
/** Depth first, with a stack of its own: a node is done once all of its inputs are, so inputs come first. */
export function topologicalSort(root: Value): Value[] {
  if (!(root instanceof Value)) throw new TypeError(`topologicalSort: got ${show(root)} — expected a Value`);
  const order: Value[] = [];
  const stack = [root];
  const walk = ++walks;
  while (stack.length > 0) {
    const node = stack.at(-1)!;
    node.seen = walk;
    const next = node.prev.find((input) => input.seen !== walk);
    if (next === undefined) order.push(stack.pop()!);
    else stack.push(next);
  }
  return order;
}

function record(op: string, prev: readonly Value[], data: number, pullback: Pullback): Value {
  return new Value(data, "", op, prev, pullback);
}

function operand(op: string, left: Value, right: unknown): Value {
  if (right instanceof Value) return right;
  if (typeof right === "number") return new Value(right);
  throw wrongType(`Value(${left.data}).${op}(${show(right)})`, right, "a Value or a number");
}

const isListOf = (list: unknown, fits: (x: unknown) => boolean) => Array.isArray(list) && list.every(fits);
const isNumber = (x: unknown) => typeof x === "number";
const isValue = (x: unknown) => x instanceof Value;

const wrongList = (call: string, list: unknown, expected: string) =>
  new TypeError(
    `${call}: got ${Array.isArray(list) ? `[${list.map(show).join(", ")}]` : show(list)} — expected ${expected}`,
  );
const wrongType = (call: string, given: unknown, expected: string) =>
  new TypeError(`${call}: got type ${typeof given} — expected ${expected}`);

/** Anything at all, short and safe, for error messages. */
export function show(x: unknown): string {
  if (typeof x === "string") return JSON.stringify(x.length > 30 ? `${x.slice(0, 30)}…` : x);
  return /object|function/.test(typeof x) ? Object.prototype.toString.call(x) : String(x);
}
