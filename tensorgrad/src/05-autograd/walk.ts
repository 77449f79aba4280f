import { GradientError, own, type Scope, type Storage, scope, show } from "../00-runtime/index.ts";
import {
  broadcastsTo,
  Function,
  type Gradient,
  hasNaN,
  sameShape,
  setWatching,
  stretchedDims,
  type Tensor,
} from "../01-tensor/index.ts";

/**
 * Reverse accumulation, the whole of it: visit tensors from the outputs back to the inputs, in an order in which
 * every tensor comes after all its uses. By then its gradient is complete: one contribution per use, added up.
 * Each operation turns the gradient of its result into gradients of its own inputs.
 *
 * Returns the gradient of every `wanted` tensor that the outputs depend on.
 *
 * Source    Linnainmaa 1970; Griewank & Walther 2008, Evaluating Derivatives, chapter 3
 */
export function propagate(
  outputs: readonly Tensor[],
  seeds: readonly Tensor[],
  wanted: (tensor: Tensor) => boolean,
  pass: Scope | null = null,
): {
  readonly found: Map<Tensor, Tensor>;
  readonly visited: readonly Tensor[];
} {
  const visited = topologicalOrder(outputs);
  const leadsToWanted = new Set<Tensor>();
  for (const tensor of visited) {
    if (tensor.gradFn instanceof Released) throw tensor.gradFn.error();
    if (wanted(tensor) || tensor.gradFn?.prev.some((x) => leadsToWanted.has(x))) leadsToWanted.add(tensor);
  }
  const pending = new Pending(pass);
  outputs.forEach((output, i) => {
    pending.add(output, seeds[i]);
  });
  const found = new Map<Tensor, Tensor>();
  for (const tensor of visited.toReversed()) {
    const sum = pending.of(tensor);
    if (sum === undefined || !leadsToWanted.has(tensor)) continue;
    const g = hooked(tensor, sum, pass);
    if (wanted(tensor)) found.set(tensor, g);
    const { gradFn } = tensor;
    if (gradFn) {
      using step = pass && scope(); // what the rule makes on its way ends here; the gradients are let out
      backThrough(gradFn, tensor, g, leadsToWanted, (x, gradient) =>
        pending.add(x, step ? step.keep(gradient) : gradient),
      );
    }
    pending.done(tensor, found);
  }
  return { found, visited };
}

/**
 * Gradients on their way. A complete one is needed only until its operation has run: then its memory is given back, so that
 * a pass holds the gradients of one layer and not of all.
 */
class Pending {
  readonly #gradients = new Map<Tensor, Tensor>();
  readonly #uses = new Map<Storage, number>(); // gradients may be views of each other
  readonly #pass: Scope | null;

  constructor(pass: Scope | null) {
    this.#pass = pass;
  }

  of(tensor: Tensor): Tensor | undefined {
    return this.#gradients.get(tensor);
  }

  add(tensor: Tensor, g: Tensor): void {
    const before = this.#gradients.get(tensor);
    const total = before ? before.add(g) : g;
    if (before && this.#pass) own(total.storage, this.#pass);
    this.#gradients.set(tensor, total);
    this.#count(total, 1);
    if (before) this.#count(before, -1);
  }

  /** Forgets a gradient that was passed on, and frees it unless it is a result or somebody else's. */
  done(tensor: Tensor, found: ReadonlyMap<Tensor, Tensor>): void {
    const g = this.#gradients.get(tensor);
    this.#gradients.delete(tensor);
    if (g && found.get(tensor)?.storage !== g.storage) this.#count(g, -1);
  }

  #count({ storage }: Tensor, change: 1 | -1): void {
    const uses = (this.#uses.get(storage) ?? 0) + change;
    this.#uses.set(storage, uses);
    if (uses === 0 && this.#pass && storage.owner === this.#pass) storage.free();
  }
}

/** One operation: its result's gradient in, its inputs' gradients out, checked. */
function backThrough(
  operation: Function,
  y: Tensor,
  g: Tensor,
  leadsToWanted: ReadonlySet<Tensor>,
  add: (tensor: Tensor, g: Tensor) => void,
): void {
  if (!operation.prev.some((x) => leadsToWanted.has(x))) return;
  const watching = setWatching(false); // the rule's own operations are not what the user called
  const rule = (g: Tensor) => {
    const given = operation.backward(g);
    checkCount(operation, given);
    operation.prev.forEach((x, i) => {
      if (!leadsToWanted.has(x)) return;
      const gradient = checked(operation, given[i], i, x);
      if (gradient && watching) checkFinite(operation, i, g, gradient);
      if (gradient) add(x, gradient);
    });
  };
  try {
    operation.onSaved(y, g, rule);
  } finally {
    setWatching(watching);
  }
}

/** The gradient as the tensor's hooks leave it; they run outside the pass, so that what they make lasts. */
function hooked(tensor: Tensor, g: Tensor, pass: Scope | null): Tensor {
  if (tensor.hooks.length === 0) return g;
  const run = () => tensor.hooks.reduce((now, hook) => hook(now) ?? now, g);
  const result = pass ? pass.outside(run) : run();
  if (sameShape(result.shape, tensor.shape) && result.dtype === tensor.dtype) return result;
  throw new GradientError(
    `registerHook: a hook returned ${show(result.shape)} ${result.dtype} for the gradient of ${show(tensor.shape)} ${tensor.dtype} — ` +
      "it must keep shape and dtype",
  );
}

function checkFinite(operation: Function, index: number, g: Tensor, gradient: Tensor): void {
  if (!hasNaN(gradient) || hasNaN(g)) return;
  throw new GradientError(
    `${operation.name}.backward: NaN in the gradient of input ${index}, ${show(gradient.shape)}, from a gradient without NaN — ` +
      `the operation was called at ${operation.madeAt ?? "a place not recorded: open detectAnomaly before the forward pass"}`,
  );
}

/** For an operand that this call left out, like a bias: nobody will ask. */
const isUnasked = (g: Gradient): boolean => g === null || typeof g === "function";

/** One gradient per input. */
function checkCount(operation: Function, given: readonly Gradient[]): void {
  const due = operation.prev.length;
  if (Array.isArray(given) && given.length >= due && given.slice(due).every(isUnasked)) return;
  const what = Array.isArray(given) ? `${given.length} gradients` : "no list";
  throw new GradientError(
    `${operation.name}.backward: returned ${what} for ${due} inputs — one for each, in their order; null for none`,
  );
}

/** Undoes broadcasting, and holds every operation to the shape and dtype of its input. */
function checked(operation: Function, given: Gradient | undefined, index: number, x: Tensor): Tensor | null {
  const gradient = typeof given === "function" ? given() : given;
  if (gradient === null) return null;
  void gradient?.storage.pointer; // a saved tensor that is passed on as it is counts as read
  const complain = (what: string) => {
    const rule = `the input is ${show(x.shape)} ${x.dtype}, and its gradient must be the same (or broadcast from it)`;
    return new GradientError(`${operation.name}.backward: gradient of input ${index} ${what} — ${rule}`);
  };
  if (gradient === undefined) throw complain("is missing");
  if (gradient.dtype !== x.dtype) throw complain(`has dtype ${gradient.dtype}`);
  if (sameShape(gradient.shape, x.shape)) return gradient;
  if (!broadcastsTo(x.shape, gradient.shape)) throw complain(`has shape ${show(gradient.shape)}`);
  return gradient.sum(stretchedDims(x.shape, gradient.shape), { keepDim: true }).reshape(x.shape);
}

/** Inputs before results, depth first; with a stack of its own, so that depth is bounded by memory only. */
export function topologicalOrder(outputs: readonly Tensor[]): Tensor[] {
  const order: Tensor[] = [];
  const seen = new Set<Tensor>();
  const path: Tensor[] = []; // from an output down to the tensor at hand
  const next: number[] = []; // for each tensor on the path, the input to look at next
  const enter = (tensor: Tensor) => {
    if (seen.has(tensor) || !tensor.requiresGrad) return;
    seen.add(tensor);
    path.push(tensor);
    next.push(0);
  };
  for (const output of outputs) {
    enter(output);
    while (path.length > 0) {
      const top = path.length - 1;
      const inputs = path[top].gradFn?.prev ?? [];
      if (next[top] < inputs.length) enter(inputs[next[top]++]);
      else {
        order.push(path[top]);
        path.pop();
        next.pop();
      }
    }
  }
  return order;
}

/** Takes the place of an operation whose graph was released, so that what it kept alive can be collected. */
export class Released extends Function {
  readonly #name: string;
  constructor(name: string) {
    super();
    this.#name = name;
  }
  override get name(): string {
    return this.#name;
  }
  forward(): Tensor {
    throw this.error();
  }
  backward(): Gradient[] {
    throw this.error();
  }
  error(): GradientError {
    return new GradientError(
      `backward: the graph that led through ${this.#name} was released by an earlier backward — ` +
        "to go through it again, call the first one with { retainGraph: true }",
    );
  }
}

/** Forgets how these tensors were made, and with it everything saved for their gradients. */
export function release(visited: readonly Tensor[]): void {
  for (const tensor of visited) {
    if (tensor.gradFn) tensor.recordedAs(new Released(tensor.gradFn.name), true);
  }
}
