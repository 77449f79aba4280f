import { GradientError, isOfOtherCopy, refuseOtherCopy, show } from "../00-runtime/index.ts";
import { callSite, hasNaN, isWatching } from "./nan-watch.ts";
import type { OnnxNode } from "./onnx-words.ts";
import { unobserved } from "./reads.ts";
import { isRecordingAll, setRecording } from "./recording.ts";
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
    for (const x of inputs) if (isOfOtherCopy(x)) refuseOtherCopy(this.name, "an input", x);
    const outer = setRecording("off");
    let y: Tensor;
    try {
      y = this.forward(...inputs);
    } finally {
      setRecording(outer);
    }
    if (!y?.storage) throw this.#complaint(`forward returned ${y} — an operation returns one tensor`);
    if (isWatching()) unobserved(() => this.#watch(inputs, y));
    if (outer === "off") return y;
    const wanted =
      outer !== "values" && this.differentiable && y.isFloat && inputs.some((x) => x.requiresGrad);
    if (!wanted && !isRecordingAll()) return y;
    if (this.#versions.length > 0)
      throw this.#complaint("called a second time — make a new one for every call");
    if (inputs.includes(y)) y = y.newView(y.shape, y.strides, y.offset);
    this.prev = inputs;
    this.#versions = versionsOf(inputs, y);
    return y.recordedAs(this, wanted);
  }

  /**
   * For the engine: opens the block in which the rule runs. Until its end, every tensor that was changed in place since the
   * forward pass refuses to be read. So nobody has to say what an operation saved: it is what the rule looks at.
   */
  running(y: Tensor, g: Tensor): RunningRule {
    const now = versionsOf(this.prev, y);
    if (now.every((version, i) => version === this.#versions[i])) return new RunningRule(g, []);
    const tensors = [...this.prev, y];
    const changed = [...tensors.keys()].filter((i) => now[i] !== this.#versions[i]).reverse();
    return new RunningRule(
      g,
      changed.map((i) => [tensors[i].storage, () => this.#wasChanged(i, tensors[i])]),
    );
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
