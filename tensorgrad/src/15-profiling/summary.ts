import { show, showBytes } from "../00-runtime/index.ts";
import type { Shape } from "../01-tensor/index.ts";
import type { Module } from "../03-layers/index.ts";
import { bytesOfModel, countFlops, countParameters, type LayerCost } from "./count.ts";
import { aligned } from "./table.ts";

/** What a model is made of. `String(summary)` is a table for people. */
export interface ModelSummary {
  readonly model: string;
  readonly inputShape: Shape;
  readonly layers: readonly LayerCost[];
  readonly parameters: number;
  /** Of parameters and buffers. */
  readonly modelBytes: number;
  /** Of what layers without parts give out, for the whole batch: what training keeps, roughly. */
  readonly outputBytes: number;
  readonly flops: number;
  readonly multiplyAdds: number;
  /** The table. */
  toString(): string;
}

const thousands = (n: number): string => n.toLocaleString("en-US");
const orDash = (n: number): string => (n > 0 ? thousands(n) : "–");

/**
 * A table of the layers in the order of their calls: output shape, parameters, flops, multiply-adds, bytes of the output.
 *
 * ```ts
 * console.log(String(summary(model, [64, 3, 32, 32])));
 * ```
 *
 * Throws    as `countFlops` does
 */
export function summary(model: Module, inputShape: Shape): ModelSummary {
  const { flops, multiplyAdds, layers } = countFlops(model, inputShape);
  const whole = {
    ...{ model: model.constructor.name, inputShape, layers, flops, multiplyAdds },
    parameters: countParameters(model),
    modelBytes: bytesOfModel(model),
    outputBytes: layers.reduce((sum, layer, i) => sum + (isLeaf(layers, i) ? outputBytes(layer) : 0), 0),
  };
  return { ...whole, toString: () => rendered(whole) };
}

/** The next one called is no part of it. */
const isLeaf = (layers: readonly LayerCost[], i: number): boolean =>
  i + 1 === layers.length || layers[i + 1].depth <= layers[i].depth;

const outputBytes = ({ outputShape }: LayerCost): number =>
  4 * outputShape.reduce((product, n) => product * n, 1);

function rendered(whole: Omit<ModelSummary, "toString">): string {
  const { model, inputShape, layers, parameters, modelBytes, flops, multiplyAdds } = whole;
  const rows = layers.map((one) => [
    `${"  ".repeat(one.depth)}${one.path.split(".").at(-1) || model}`,
    one.layer,
    show(one.outputShape),
    ...[orDash(one.parameters), orDash(one.flops), orDash(one.multiplyAdds), showBytes(outputBytes(one))],
  ]);
  const head = ["layer", "class", "output", "parameters", "flops", "multiply-adds", "output bytes"];
  return [
    aligned([head, ...rows]),
    "",
    `input ${show(inputShape)}: ${thousands(parameters)} parameters (${showBytes(modelBytes)} with buffers), ` +
      `${thousands(flops)} flops, ${thousands(multiplyAdds)} multiply-adds, ${showBytes(whole.outputBytes)} of outputs`,
  ].join("\n");
}
