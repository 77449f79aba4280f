import { defaultRandom, expectArgument, type RandomState, repeated, scope } from "../00-runtime/index.ts";
import {
  autocast,
  autocastDtype,
  Function,
  type Gradient,
  isRecording,
  isRecordingAll,
  isTensor,
  type Tensor,
  topologicalOrder,
  withRecording,
} from "../01-tensor/index.ts";
import { gradientsInside, leafLike } from "./inside.ts";

type Segment = (...inputs: Tensor[]) => Tensor;

/**
 * A part of a model as one node of the graph: its inner values are not kept for backward but computed once more.
 */
class Checkpoint extends Function {
  readonly #segment: Segment;
  readonly #result: Tensor;
  readonly #random: Remembered;
  readonly #count: number;
  readonly #autocast = autocastDtype() ?? "float32";
  constructor(segment: Segment, result: Tensor, random: Remembered, count: number) {
    super();
    [this.#segment, this.#result, this.#random, this.#count] = [segment, result, random, count];
  }
  forward(): Tensor {
    return this.#result;
  }
  backward(g: Tensor): Gradient[] {
    const [inputs, captured] = [this.prev.slice(0, this.#count), this.prev.slice(this.#count)];
    const again = (...x: Tensor[]) => autocast(this.#autocast, () => this.#segment(...x));
    return gradientsInside((...x) => replay(this.#random, () => again(...x)), inputs, captured, g);
  }
}

/**
 * Runs `fn` without keeping what it computes on the way: backward runs it a second time. Memory for time: of n layers
 * in k segments only k inputs and one segment's inner values are alive at once, for one more forward pass.
 *
 * `fn` may use parameters from outside; their gradients arrive as usual. Random draws (dropout) are repeated exactly
 * where they come from the default generator. `fn` must compute the same both times.
 *
 * Source    Chen et al. 2016, Training deep nets with sublinear memory cost
 */
export function checkpoint(fn: Segment, ...inputs: Tensor[]): Tensor {
  expectArgument(typeof fn === "function", "checkpoint", "fn", fn, "a function of tensors");
  for (const [i, x] of inputs.entries())
    expectArgument(isTensor(x), "checkpoint", `input ${i}`, x, "a tensor");
  if (!isRecording() || isRecordingAll()) return fn(...inputs); // a graph to be exported shows what is inside
  const random = { state: defaultRandom.state };
  repeated([], () => {
    random.state = defaultRandom.state;
  });
  const leaves = inputs.map(leafLike);
  using segment = scope();
  const y = withRecording("gradients", () => fn(...leaves));
  if (!isTensor(y)) {
    throw new TypeError(
      "checkpoint: the function returned no tensor — it returns one; join several with cat or stack",
    );
  }
  const captured = topologicalOrder([y]).filter((x) => x.isLeaf && !leaves.includes(x));
  const result = segment.keep(y.detach());
  return new Checkpoint(fn, result, random, inputs.length).apply(...inputs, ...captured);
}

/** A state of the generator; a captured step remembers another one in every replay. */
interface Remembered {
  state: RandomState;
}

/** Runs `fn` with the generator as it was then, and puts it back afterwards. */
function replay<T>(then: Remembered, fn: () => T): T {
  const now = { state: defaultRandom.state };
  repeated([], () => {
    now.state = defaultRandom.state;
    defaultRandom.state = then.state;
  });
  try {
    return fn();
  } finally {
    repeated([], () => {
      defaultRandom.state = now.state;
    });
  }
}
