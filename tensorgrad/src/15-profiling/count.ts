import { listen, type Observer, ShapeError, scope, show } from "../00-runtime/index.ts";
import {
  isTensor,
  type ObservedOperation,
  recordAll,
  type Shape,
  type Tensor,
  zeros,
} from "../01-tensor/index.ts";
import { evaluating, expectModule, type Layer, layersOf, Module, watchCalls } from "../03-layers/index.ts";
import { noGrad } from "../05-autograd/index.ts";
import { Embedding } from "../11-embeddings/index.ts";
import { bytesOf, type Cost, costOfOperation, largerOf, NO_COST, sumOf } from "./costs.ts";

/** One call of a layer, with all that it calls. */
export interface LayerCost extends Cost {
  /** "" for the model itself. */
  readonly path: string;
  /** The class. */
  readonly layer: string;
  /** How many layers it is in. */
  readonly depth: number;
  readonly outputShape: Shape;
  /** Of the layer and those below it. */
  readonly parameters: number;
}

/** What one forward pass costs, in all and layer by layer in the order of the calls. */
export interface FlopCount {
  readonly flops: number;
  readonly multiplyAdds: number;
  readonly layers: readonly LayerCost[];
}

/** Numbers that are trained; shared ones count once. */
export function countParameters(model: Module): number {
  expectModule("countParameters", model);
  return model.parameters().reduce((sum, { size }) => sum + size, 0);
}

/**
 * Floating-point operations of one forward pass, and multiply-adds (MACs) apart from them: hardware does one of these in an
 * instruction, so papers that count MACs have half of our number of flops.
 *
 * Products count 2·multiplyAdds; other operations one for each element that they go through; what only moves elements, nothing.
 * Every layer runs by itself, as in evaluation: none is computed together with the next.
 *
 * Throws    RangeError for a shape that is none; what the model throws if the shape does not fit
 */
export function countFlops(model: Module, inputShape: Shape): FlopCount {
  using _ = scope();
  using __ = evaluating(model);
  const input = inputOf("countFlops", model, inputShape);
  const counter = new Counter(model);
  counter.during(() => noGrad(() => recordAll(() => model.forward(input))));
  const { flops, multiplyAdds } = counter.total;
  return { flops, multiplyAdds, layers: counter.layers };
}

/** Zeros; indices if the model begins with an embedding. */
export function inputOf(call: string, model: Module, shape: Shape): Tensor {
  if (!Array.isArray(shape) || !shape.every((size) => Number.isInteger(size) && size > 0))
    throw new RangeError(
      `${call}: input shape ${Array.isArray(shape) ? show(shape) : String(shape)} — a list of sizes, the batch first; all are integers above 0`,
    );
  const leaves = model.modules().filter(([, part]) => part.children().length === 0);
  const first = leaves.find(([, part]) => part.parameters().length > 0)?.[1];
  return zeros(shape, first instanceof Embedding ? { dtype: "int32" } : {});
}

/** A layer that is computing. */
interface Entered {
  readonly layer: Layer | Module;
  readonly place: number;
  cost: Cost;
}

/** Hears which layers compute and what their operations cost. */
class Counter implements Observer {
  readonly layers: LayerCost[] = [];
  total: Cost = NO_COST;
  readonly #model: Module;
  readonly #paths: ReadonlyMap<Layer | Module, string>;
  readonly #entered: Entered[] = [];
  /** Operations around the present one, with what those inside them cost. */
  readonly #operations: { readonly subject: unknown; nested: Cost }[] = [];
  readonly #kinds: ("module" | "operation" | "other")[] = [];

  constructor(model: Module) {
    [this.#model, this.#paths] = [model, layersOf(model)];
  }

  during(run: () => unknown): void {
    const before = listen(this);
    try {
      using watch = watchCalls();
      for (const layer of this.#paths.keys()) if (!(layer instanceof Module)) watch.addLayer(layer);
      run();
    } finally {
      listen(before);
    }
    if (this.layers.length === 0)
      throw new ShapeError(`countFlops: ${this.#model.constructor.name} called no layer`);
  }

  begin(activity: string, _name: string, subject: unknown): void {
    const kind = activity === "module" || activity === "operation" ? activity : "other";
    this.#kinds.push(kind);
    if (kind === "operation") this.#operations.push({ subject, nested: NO_COST });
    if (kind !== "module") return;
    this.#entered.push({ layer: subject as Layer | Module, place: this.layers.length, cost: NO_COST });
    this.layers.push({ ...NO_COST, path: "", layer: "", depth: 0, outputShape: [], parameters: 0 });
  }

  end(result?: unknown): void {
    const kind = this.#kinds.pop();
    if (kind === "module") this.#leave(result);
    if (kind === "operation") this.#finish(result);
  }

  #finish(y: unknown): void {
    const one = this.#operations.pop();
    if (!one || !isTensor(y)) return;
    const { fn, inputs } = one.subject as ObservedOperation;
    const cost = largerOf(one.nested, costOfOperation(fn, inputs, y));
    const around = this.#operations.at(-1);
    if (around) around.nested = sumOf(around.nested, cost);
    else this.#addTo(cost);
  }

  #addTo(cost: Cost): void {
    const inner = this.#entered.at(-1);
    if (inner) inner.cost = sumOf(inner.cost, cost);
    else this.total = sumOf(this.total, cost);
  }

  #leave(y: unknown): void {
    const one = this.#entered.pop();
    if (!one) return;
    const { layer, place, cost } = one;
    this.#addTo(cost);
    this.layers[place] = {
      ...cost,
      path: this.#paths.get(layer) ?? "",
      layer: layer.constructor.name,
      depth: this.#entered.length,
      outputShape: isTensor(y) ? y.shape : [],
      parameters: layer instanceof Module ? countParameters(layer) : 0,
    };
  }
}

/** Bytes of parameters and buffers; shared ones count once. */
export function bytesOfModel(model: Module): number {
  expectModule("bytesOfModel", model);
  const tensors = new Set(model.namedTensors().map(([, tensor]) => tensor));
  return [...tensors].reduce((sum, tensor) => sum + bytesOf(tensor), 0);
}
