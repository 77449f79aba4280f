import {
  GradientError,
  INSPECT,
  isOfOtherCopy,
  observer,
  refuseOtherCopy,
  show,
} from "../00-runtime/index.ts";
import { computedWide } from "./halves.ts";
import { callSite, hasNaN, isWatching } from "./nan-watch.ts";
import type { OnnxNode } from "./onnx-words.ts";
import { checking } from "./reads.ts";
import { isRecording, isRecordingAll, setRecording } from "./recording.ts";
import { RunningRule } from "./running-rule.ts";
import type { Tensor } from "./tensor.ts";

/** What `backward` gives for one input: a tensor, work to do only if that gradient is wanted, or none. */
export type Gradient = Tensor | (() => Tensor) | null;

/**
 * One operation, and at the same time one node of the graph: evaluate (`forward`), differentiate (`backward`),
 * translate (`onnx`). A user's own subclass works like a built-in one:
 *
 * ```ts
 * class Cube extends Function {
 *   #x!: Tensor;
 *   forward(x: Tensor) { this.#x = x; return x.mul(x).mul(x); }
 *   backward(g: Tensor) { return [g.mul(this.#x.square()).mul(3)]; }
 * }
 * const y = new Cube().apply(x);
 * ```
 */
export abstract class Function {
  // A single field, and no private methods: each costs 0.1 µs in every operation, because it is added to the shape of every subclass.
  #call: Call | null = null;

  /** The inputs, in argument order; none unless the call was recorded. */
  get prev(): readonly Tensor[] {
    return this.#call?.inputs ?? none;
  }

  /** Where this operation was called; known while anomalies are looked for. */
  get madeAt(): string | null {
    return this.#call?.site ?? null;
  }

  /** How messages and pictures call it: the name of its class. */
  get name(): string {
    return this.constructor.name;
  }

  /** Its name and inputs, not the whole graph behind them. */
  [INSPECT](): string {
    return `${this.name}(${this.prev.map((x) => x[INSPECT](-1)).join(", ")})`;
  }

  /** Whether gradients flow through at all: what comes out of `detach` requires none. */
  get differentiable(): boolean {
    return true;
  }

  /**
   * Whether the operation moves elements without looking at them. All others compute in float32 where they are given numbers in
   * 16 bits, and their result is rounded once.
   */
  get movesBits(): boolean {
    return false;
  }

  /** Numbers: calls kernels, while recording is off. Checks the user's shapes, once. */
  abstract forward(...inputs: Tensor[]): Tensor;

  /**
   * Calculus: the gradient of each input, given the gradient of the output. Differentiable tensor operations only,
   * never a kernel, so gradients of gradients come for free. Broadcasting is undone by the engine.
   */
  abstract backward(g: Tensor): readonly Gradient[];

  /** The same operation in ONNX's words, or null where it has none. */
  onnx(): OnnxNode | null {
    return null;
  }

  /**
   * Multiplications, each with its addition, of one forward pass: what a product costs, whichever kernel computes it. 0 for
   * operations that go through their elements once.
   */
  multiplyAdds(_inputs: readonly Tensor[], _y: Tensor): number {
    return 0;
  }

  /** Which branch each element took, for operations with kinks: a finite difference must not straddle one. */
  signature(): ArrayLike<number> | null {
    return null;
  }

  /** Runs `forward` and remembers how the result was made, if a gradient may be asked of it. */
  apply(...inputs: Tensor[]): Tensor {
    if (areSpecial(inputs)) {
      refuseOthers(this, inputs);
      if (!this.movesBits) return computedWide(this, inputs);
    }
    const watching = isWatching();
    if (!watching && !isRecording()) return tensorOf(this, this.forward(...inputs));
    const outer = setRecording("off");
    const seenBy = observer;
    seenBy?.begin("operation", this.name, { fn: this, inputs } satisfies ObservedOperation);
    let y!: Tensor;
    try {
      y = this.forward(...inputs);
    } finally {
      setRecording(outer);
      seenBy?.end(y);
    }
    tensorOf(this, y);
    const site = watching ? watched(this, inputs, y) : null;
    if (outer === "off") return y;
    const wanted = outer !== "values" && this.differentiable && y.isFloat && anyRequiresGrad(inputs);
    if (!wanted && !isRecordingAll()) return y;
    if (this.#call) throw complaint(this, "called a second time — make a new one for every call");
    if (inputs.includes(y)) y = y.newView(y.shape, y.strides, y.offset);
    this.#call = { inputs, versions: versionsOf(inputs, y), site };
    return y.recordedAs(this, wanted);
  }

  /**
   * For the engine: opens the block in which the rule runs. Until its end, every tensor that was changed in place since the
   * forward pass refuses to be read. So nobody has to say what an operation saved: it is what the rule looks at.
   */
  running(y: Tensor, g: Tensor): RunningRule {
    const tensors = [...this.prev, y];
    const changed = tensors.flatMap((x, i) => (x.storage.version === this.#call?.versions[i] ? [] : [i]));
    if (changed.length === 0) return new RunningRule(g, tensors, unchanged);
    return new RunningRule(
      g,
      tensors,
      changed.reverse().map((i) => [tensors[i].storage, () => wasChanged(this, i, tensors[i])]),
    );
  }
}

/** What an observer is told of an operation. */
export interface ObservedOperation {
  readonly fn: Function;
  readonly inputs: readonly Tensor[];
}

/** What an operation remembers of its call. */
interface Call {
  readonly inputs: readonly Tensor[];
  /** How often each input, and the result, had been changed in place. */
  readonly versions: readonly number[];
  readonly site: string | null;
}

const none: readonly Tensor[] = [];
const unchanged: readonly never[] = [];

/** Whether another copy of the library made one of them, or it holds numbers in 16 bits: a loop of its own, for every call comes by. */
function areSpecial(inputs: readonly Tensor[]): boolean {
  for (let i = 0; i < inputs.length; i++) if (isOfOtherCopy(inputs[i]) || inputs[i].isHalf) return true;
  return false;
}

function refuseOthers({ name }: Function, inputs: readonly Tensor[]): void {
  for (const x of inputs) refuseOtherCopy(name, "an input", x);
}

function anyRequiresGrad(inputs: readonly Tensor[]): boolean {
  for (const x of inputs) if (x.requiresGrad) return true;
  return false;
}

function versionsOf(inputs: readonly Tensor[], y: Tensor): number[] {
  const versions: number[] = [];
  for (const x of inputs) versions.push(x.storage.version);
  versions.push(y.storage.version);
  return versions;
}

function tensorOf(operation: Function, y: Tensor): Tensor {
  if (!y?.storage) throw complaint(operation, `forward returned ${y} — an operation returns one tensor`);
  return y;
}

const complaint = ({ name }: Function, what: string): TypeError => new TypeError(`${name}.apply: ${what}`);

function wasChanged({ name, prev }: Function, index: number, { shape, dtype }: Tensor): GradientError {
  const what = index < prev.length ? `input ${index}` : "the result";
  return new GradientError(
    `${name}.backward: ${what}, ${show(shape)} ${dtype}, was changed in place after the operation ran — ` +
      "its gradient needs the values of the forward pass; assign or step after backward, or compute with a clone()",
  );
}

/** Looks for a NaN that this call made. Returns where the call stands. Apart from `apply`, whose variables no closure must hold. */
const watched = (operation: Function, inputs: readonly Tensor[], y: Tensor): string =>
  checking([], () => lookedAt(operation, inputs, y));

function lookedAt({ name }: Function, inputs: readonly Tensor[], y: Tensor): string {
  const site = callSite(new Error().stack ?? "");
  if (!hasNaN(y) || inputs.some(hasNaN)) return site;
  const shapes = inputs.map((x) => show(x.shape)).join(", ");
  throw new GradientError(
    `${name}: NaN at element ${y.data.findIndex(Number.isNaN)} of the result ${show(y.shape)}, from inputs ${shapes} ` +
      `without NaN — called at ${site}; look at its inputs there: 0/0, ∞ − ∞, the logarithm or root of a negative number`,
  );
}
