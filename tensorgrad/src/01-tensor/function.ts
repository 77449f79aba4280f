import { GradientError, show } from "../00-runtime/index.ts";
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
  /** The inputs, in argument order. */
  prev: readonly Tensor[] = [];
  #versions: readonly number[] = [];
  #madeAt: string | null = null;

  get name(): string {
    return this.constructor.name;
  }

  /** Whether gradients flow through at all: what comes out of `detach` requires none. */
  get differentiable(): boolean {
    return true;
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

  /** Which branch each element took, for operations with kinks: a finite difference must not straddle one. */
  signature(): ArrayLike<number> | null {
    return null;
  }

  /** Runs `forward` and remembers how the result was made, if a gradient may be asked of it. */
  apply(...inputs: Tensor[]): Tensor {
    const outer = recording;
    recording = "off";
    let y: Tensor;
    try {
      y = this.forward(...inputs);
    } finally {
      recording = outer;
    }
    if (!y?.storage) throw this.#complaint(`forward returned ${y} — an operation returns one tensor`);
    if (watching) this.#watch(inputs, y);
    if (outer === "off") return y;
    const wanted = this.differentiable && y.isFloat && inputs.some((x) => x.requiresGrad);
    if (!wanted && outer !== "all") return y;
    if (this.#versions.length > 0)
      throw this.#complaint("called a second time — make a new one for every call");
    if (inputs.includes(y)) y = y.newView(y.shape, y.strides, y.offset);
    this.prev = inputs;
    this.#versions = versionsOf(inputs, y);
    return y.recordedAs(this, wanted);
  }

  /**
   * For the engine: runs the rule on g while every tensor that was changed in place since the forward pass refuses to be
   * read. So nobody has to say what an operation saved: it is what the rule looks at.
   */
  onSaved<T>(y: Tensor, g: Tensor, rule: (g: Tensor) => T): T {
    const now = versionsOf(this.prev, y);
    if (now.every((version, i) => version === this.#versions[i])) return rule(g);
    const tensors = [...this.prev, y];
    const changed = [...tensors.keys()].filter((i) => now[i] !== this.#versions[i]);
    // The gradient that comes in may be one of them; its numbers are right as they are now.
    const given = changed.some((i) => tensors[i].storage === g.storage) ? g.clone() : g;
    const refusals = changed
      .toReversed()
      .map((i) => tensors[i].storage.refuse(() => this.#wasChanged(i, tensors[i])));
    try {
      return rule(given);
    } finally {
      for (const refusal of refusals.reverse()) refusal[Symbol.dispose]();
    }
  }

  #complaint(what: string): TypeError {
    return new TypeError(`${this.name}.apply: ${what}`);
  }

  #wasChanged(index: number, { shape, dtype }: Tensor): GradientError {
    const what = index < this.prev.length ? `input ${index}` : "the result";
    return new GradientError(
      `${this.name}.backward: ${what}, ${show(shape)} ${dtype}, was changed in place after the operation ran — ` +
        "its gradient needs the values of the forward pass; assign or step after backward, or compute with a clone()",
    );
  }

  /** Where this operation was called; known while anomalies are looked for. */
  get madeAt(): string | null {
    return this.#madeAt;
  }

  #watch(inputs: readonly Tensor[], y: Tensor): void {
    this.#madeAt = callSite(new Error().stack ?? "");
    if (!hasNaN(y) || inputs.some(hasNaN)) return;
    const shapes = inputs.map((x) => show(x.shape)).join(", ");
    throw new GradientError(
      `${this.name}: NaN at element ${y.data.findIndex(Number.isNaN)} of the result ${show(y.shape)}, from inputs ${shapes} ` +
        `without NaN — called at ${this.#madeAt}; look at its inputs there: 0/0, ∞ − ∞, the logarithm or root of a negative number`,
    );
  }
}

const versionsOf = (inputs: readonly Tensor[], y: Tensor): number[] => {
  const versions = inputs.map((x) => x.storage.version);
  versions.push(y.storage.version);
  return versions;
};

// ——————————————————————————————————————————————————————————————————————————— looking for the first NaN

let watching = false;

/** Turns the search for NaN on or off; returns how it was. */
export function setWatching(wanted: boolean): boolean {
  const before = watching;
  watching = wanted;
  return before;
}

export const hasNaN = (x: Tensor): boolean => x.isFloat && x.data.some(Number.isNaN);

/** The first line of a stack that is not inside one of the library's numbered modules. */
function callSite(stack: string): string {
  const frames = stack.split("\n").slice(1);
  const inside = /[\\/]\d\d-[a-z-]+[\\/](?!.*\.test\.)/;
  return (frames.find((frame) => !inside.test(frame)) ?? frames.at(-1) ?? "an unknown place")
    .trim()
    .replace(/^at /, "");
}

// ————————————————————————————————————————————————————————————————————————————————————————— recording

/** `all` records every operation, also those that need no gradient: what an exporter walks. */
type Recording = "gradients" | "off" | "all";

let recording: Recording = "gradients";

export const isRecording = (): boolean => recording !== "off";
/** Whether somebody wants to see every operation, an exporter for example. */
export const isRecordingAll = (): boolean => recording === "all";

/** Runs `fn` with another kind of recording. Who records everything goes on doing so while gradients are recorded. */
export function withRecording<T>(kind: Recording, fn: () => T): T {
  const outer = setRecording(kind === "gradients" && recording === "all" ? "all" : kind);
  try {
    return fn();
  } finally {
    recording = outer;
  }
}

/** Changes the kind of recording; returns the one before. */
export function setRecording(kind: Recording): Recording {
  const before = recording;
  recording = kind;
  return before;
}

/** Runs `fn` and records every operation in it, whether or not it needs a gradient. */
export const recordAll = <T>(fn: () => T): T => withRecording("all", fn);

// How operations speak of themselves in ONNX: plain data; only the folder onnx/ knows the file format.

/** An integer, a float (always written `{ float }`), a string, or a list of integers. */
export type OnnxAttribute = number | { readonly float: number } | string | readonly number[];

/** A number is the position of an input in `prev`; null leaves an optional input out. */
export type OnnxOperand = number | OnnxNode | OnnxConstant | null;

export interface OnnxNode {
  readonly op: string;
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
  /** null: all of `prev`, in order. A node among the inputs makes a composed operation. */
  readonly inputs: readonly OnnxOperand[] | null;
  /** Which of the operator's results is meant, for those that have several; 0 unless given. */
  readonly output?: number;
  /** The same in other operators, for engines that lack a float64 kernel for this one. */
  readonly float64?: () => OnnxNode;
}

export interface OnnxConstant {
  /** `float` is the dtype of the operation's first input. */
  readonly dtype: "int64" | "int32" | "bool" | "float";
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

/** `node("Gemm", { transB: 1 })`: this ONNX operation on all inputs. */
export const node = (
  op: string,
  attributes: OnnxNode["attributes"] = {},
  inputs: OnnxNode["inputs"] = null,
): OnnxNode => ({ op, attributes, inputs });

/** A list of whole numbers: axes, shapes, positions. */
export const int64s = (...data: number[]): OnnxConstant => ({
  dtype: "int64",
  shape: [data.length],
  data,
});

/** A single number of the first input's dtype. */
export const float = (value: number): OnnxConstant => ({
  dtype: "float",
  shape: [],
  data: [value],
});
