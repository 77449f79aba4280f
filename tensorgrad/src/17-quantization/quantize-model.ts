import { checked, scope } from "../00-runtime/index.ts";
import { isTensor, type Tensor } from "../01-tensor/index.ts";
import {
  evaluating,
  expectModule,
  isPlain,
  type Layer,
  Linear,
  type Module,
  replaceLayers,
} from "../03-layers/index.ts";
import { noGrad } from "../05-autograd/index.ts";
import { Conv2d } from "../09-spatial/index.ts";
import { Embedding } from "../11-embeddings/index.ts";
import { GPT } from "../13-transformers/index.ts";
import { FakeQuantizedConv2d, FakeQuantizedLinear } from "./aware.ts";
import { type CalibrationMethod, checkMethod, Observer } from "./calibration.ts";
import { QuantizedConv2d } from "./conv2d.ts";
import { QuantizedEmbedding } from "./embedding.ts";
import { type InputOptions, topOf } from "./inputs.ts";
import { QuantizedLinear } from "./linear.ts";

/** A batch of a model's inputs, alone, in a list, or as loaders give them. */
export type CalibrationBatch = Tensor | readonly Tensor[] | { readonly x: Tensor };

export interface QuantizeModelOptions extends CalibrationMethod {
  /** Inputs as the model will meet them: they fix the ranges of all layers. Without, every layer measures each input. */
  readonly calibration?: Tensor | Iterable<CalibrationBatch>;
  /** Of the layers' inputs. */
  readonly bits?: 7 | 8;
  /** Layers that stay in float32: often the first or the last. */
  readonly keep?: (path: string, layer: Layer) => boolean;
}

/**
 * Replaces the dense layers, convolutions and embeddings of a model by those that compute with integers of 8 bits. The model
 * itself is changed, and is no longer trained.
 *
 *   quantizeModel(model);                                              // inputs are measured as they come
 *   quantizeModel(model, { calibration: loader, method: "mse" });      // their ranges are fixed
 *
 * What stays in float32: norms, activations, attention; convolutions in groups, or with other padding than zeros; subclasses
 * with a forward of their own. A GPT whose head is its embedding gets a head of its own, of integers. A layer that calibration
 * never reaches measures its inputs.
 *
 * Returns   the model
 * Throws    TypeError for a model with nothing to quantize; RangeError for a calibration without batches, or with NaN
 * Source    Jacob et al. 2018; Nagel et al. 2021, A white paper on neural network quantization
 */
export function quantizeModel<M extends Module>(model: M, options: QuantizeModelOptions = {}): M {
  const {
    calibration,
    bits = 7,
    keep = () => false,
  } = checked("quantizeModel", options, ["method", "percentile", "calibration", "bits", "keep"]);
  expectModule("quantizeModel", model);
  checkMethod(options);
  const wanted = new Map<Layer, string>();
  for (const [path, layer] of model.modules())
    if (path !== "" && isQuantizable(layer) && !keep(path, layer) && !wanted.has(layer))
      wanted.set(layer, path);
  if (wanted.size === 0) throw new TypeError(nothingToDo(model));
  const observers = calibration === undefined ? null : observed(model, wanted, calibration);
  const inputOf = (layer: Layer): InputOptions => ({
    bits,
    range: observers?.get(layer)?.range(options, topOf(bits)) ?? null,
  });
  for (const [, part] of model.modules()) if (part instanceof GPT) untie(part, bits, wanted);
  const fresh = new Map([...wanted.keys()].map((layer) => [layer, integersFor(layer, inputOf(layer))]));
  replaceLayers(model, (layer) => fresh.get(layer) ?? null);
  return model;
}

const dense = (layer: Layer): layer is Linear | FakeQuantizedLinear =>
  isPlain(layer, Linear) || layer instanceof FakeQuantizedLinear;
const spatial = (layer: Layer): layer is Conv2d | FakeQuantizedConv2d =>
  layer instanceof FakeQuantizedConv2d ||
  (isPlain(layer, Conv2d) && layer.options.groups === 1 && layer.paddingMode === "zeros");

const isQuantizable = (layer: Layer): boolean => dense(layer) || spatial(layer) || isPlain(layer, Embedding);

function integersFor(layer: Layer, input: InputOptions): Layer {
  if (dense(layer)) return new QuantizedLinear(layer, input);
  return spatial(layer) ? new QuantizedConv2d(layer, input) : new QuantizedEmbedding(layer as Embedding);
}

/** A head that shares its weights with the embedding becomes one of integers. */
function untie(model: GPT, bits: 7 | 8, wanted: ReadonlyMap<Layer, string>): void {
  if (model.head !== null || !wanted.has(model.embedding)) return;
  const head = new QuantizedLinear({ weight: model.embedding.weight, bias: null }, { bits });
  Object.assign(model, { head });
}

/** Runs the model on all batches and watches what enters each layer. */
function observed(
  model: Module,
  layers: ReadonlyMap<Layer, string>,
  calibration: Tensor | Iterable<CalibrationBatch>,
): ReadonlyMap<Layer, Observer> {
  const observers = new Map([...layers].map(([layer, path]) => [layer, new Observer(path)]));
  const stop = [...observers].flatMap(([layer, observer]) =>
    isPlain(layer, Embedding) ? [] : [watch(layer, observer)],
  );
  try {
    let batches = 0;
    for (const batch of isTensor(calibration) ? [calibration] : calibration) {
      using _ = scope();
      using __ = evaluating(model);
      noGrad(() => model.forward(...inputsOf(batch)));
      batches++;
    }
    if (batches === 0)
      throw new RangeError(
        "quantizeModel: calibration without a single batch — ranges come from what the model meets; " +
          "give a few batches of its inputs, or leave calibration out to measure each input",
      );
  } finally {
    for (const undo of stop) undo();
  }
  return observers;
}

function inputsOf(batch: CalibrationBatch): readonly Tensor[] {
  if (isTensor(batch)) return [batch];
  return "x" in batch ? [batch.x] : batch;
}

/** Puts a forward of its own before the layer's; returns how to take it away again. */
function watch(layer: Layer, observer: Observer): () => void {
  const forward = layer.forward;
  const watched = (x: Tensor): Tensor => {
    observer.see(x);
    return forward.call(layer, x);
  };
  Object.defineProperty(layer, "forward", { value: watched, configurable: true });
  return () => void Reflect.deleteProperty(layer, "forward");
}

function nothingToDo(model: Module): string {
  const name = model.constructor.name;
  if (isQuantizable(model))
    return `quantizeModel: ${name} is a layer itself — only what holds a layer can replace it; put it in a Sequential`;
  return (
    `quantizeModel: ${name} holds nothing to quantize — Linear, Conv2d and Embedding become integers, ` +
    "unless keep asks for all of them, or they are quantized already"
  );
}
