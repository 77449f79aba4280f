import { checked, heap, listen, type Observer, scope } from "../00-runtime/index.ts";
import { isTensor, type Shape, type Tensor } from "../01-tensor/index.ts";
import { expectModule, type Module, Parameter } from "../03-layers/index.ts";
import type { Optimizer } from "../06-optimizers/index.ts";
import { bytesOf } from "./costs.ts";
import { inputOf } from "./count.ts";

/** Options of `measureMemory`. */
export interface MemoryOptions {
  /** Whose state counts; none unless given. */
  readonly optimizer?: Optimizer<{ lr: number }>;
  /** What is differentiated; the sum of the outputs unless given. */
  readonly loss?: (output: Tensor) => Tensor;
}

/** Bytes of one training step, what must be there at the same time. */
export interface MemoryUse {
  readonly parameters: number;
  readonly gradients: number;
  readonly optimizerState: number;
  /** What the forward pass leaves for backward. */
  readonly activations: number;
  /** The most at once. */
  readonly peak: number;
}

/** Bytes that a formula predicts, beside those measured. */
export interface MemoryReport {
  /** From shapes: the size of every parameter and result, times the bytes of an element. */
  readonly predicted: MemoryUse;
  /** By the heap, headers of blocks and working memory of operations included. */
  readonly measured: MemoryUse;
}

/**
 * What a training step takes of the heap: predicted by a formula, and measured in one forward and backward pass.
 *
 *   peak ≈ parameters + gradients + optimizer state + activations
 *
 * Gradients that the parameters have are put aside, and are back at the end. Buffers such as running statistics see one batch
 * of zeros, and are put back as well.
 *
 * Throws    RangeError for a shape that is none; what the model throws if the shape does not fit
 */
export function measureMemory(model: Module, inputShape: Shape, options: MemoryOptions = {}): MemoryReport {
  const { optimizer, loss = (y) => y.sum() } = checked<MemoryOptions>("measureMemory", options, [
    "optimizer",
    "loss",
  ]);
  expectModule("measureMemory", model);
  using _ = scope();
  const parameters = model.parameters();
  const gradients = parameters.map((p) => p.grad);
  const buffers = model
    .namedTensors()
    .filter(([, t]) => !(t instanceof Parameter))
    .map(([, t]) => [t, t.clone()] as const);
  const input = inputOf("measureMemory", model, inputShape);
  const state = optimizer ? Object.values(optimizer.stateDict().tensors) : [];
  for (const p of parameters) p.grad = null;
  try {
    const fixed = { parameters: sum(parameters), optimizerState: sum(state) };
    const { made, activations, gradientBytes, peak } = measured(model, input, loss);
    const held = fixed.parameters + fixed.optimizerState;
    return {
      predicted: {
        ...fixed,
        gradients: fixed.parameters,
        activations: made,
        peak: held + fixed.parameters + made,
      },
      measured: { ...fixed, gradients: gradientBytes, activations, peak: held + peak },
    };
  } finally {
    for (const [i, p] of parameters.entries()) {
      p.zeroGrad();
      p.grad = gradients[i];
    }
    for (const [buffer, before] of buffers) buffer.assign(before);
  }
}

const sum = (tensors: readonly Tensor[]): number => tensors.reduce((total, x) => total + bytesOf(x), 0);

function measured(model: Module, input: Tensor, loss: (output: Tensor) => Tensor) {
  const results = new Results();
  const start = heap.live;
  heap.resetPeak();
  const error = results.during(() => loss(model.forward(input)));
  const activations = heap.live - start;
  error.backward();
  const gradientBytes = model.parameters().reduce((total, { grad }) => total + (grad ? bytesOf(grad) : 0), 0);
  return { made: results.bytes, activations, gradientBytes, peak: heap.peak - start };
}

/** Adds up the results of all operations that have memory of their own. */
class Results implements Observer {
  bytes = 0;
  readonly #seen = new Set<object>();
  #depth = 0;
  readonly #kinds: boolean[] = [];

  during<T>(run: () => T): T {
    const before = listen(this);
    try {
      return run();
    } finally {
      listen(before);
    }
  }

  begin(activity: string): void {
    const counts = activity === "operation";
    this.#kinds.push(counts);
    if (counts) this.#depth++;
  }

  // exercise: profiling-activation-bytes
  end(y?: unknown): void {
    if (!this.#kinds.pop()) return;
    this.#depth--;
    if (this.#depth > 0 || !isTensor(y) || this.#seen.has(y.storage)) return;
    this.#seen.add(y.storage);
    this.bytes += bytesOf(y);
  }
}
