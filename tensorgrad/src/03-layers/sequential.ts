import type { Tensor } from "../01-tensor/index.ts";
import { type Layer, Module } from "./module.ts";

/** Layers one after the other; they are named 0, 1, 2, … */
export class Sequential extends Module {
  readonly layers: readonly Layer[];

  constructor(...layers: Layer[]) {
    super();
    this.layers = layers;
  }

  override children(): [name: string, part: Layer][] {
    return this.layers.map((layer, i) => [String(i), layer]);
  }

  override forward(x: Tensor): Tensor {
    return this.layers.reduce((y, layer) => layer.forward(y), x);
  }
}
