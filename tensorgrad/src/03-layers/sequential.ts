import { refuseOtherCopy } from "../00-runtime/index.ts";
import type { Tensor } from "../01-tensor/index.ts";
import { isLayer, type Layer, Module, partsOf } from "./module.ts";

/**
 * Layers one after the other; they are named 0, 1, 2, …
 *
 * A subclass may hold further modules: they are parts of it under their own names, and `forward` passes them by.
 *
 * Throws  TypeError for what has no `forward`
 */
export class Sequential extends Module {
  readonly layers: readonly Layer[];

  constructor(...layers: Layer[]) {
    super();
    for (const [i, layer] of layers.entries())
      if (layer) refuseOtherCopy(this.constructor.name, `layer ${i}`, layer);
    const wrong = layers.findIndex((layer) => !isLayer(layer));
    if (wrong >= 0) {
      const given = Array.isArray(layers[wrong]) ? "a list" : String(layers[wrong]);
      throw new TypeError(
        `${this.constructor.name}: layer ${wrong} is ${given} — every layer needs a forward(x); ` +
          "pass layers one by one: (first, second), or (...list)",
      );
    }
    this.layers = layers;
  }

  override children(): [name: string, part: Layer | Module][] {
    const { layers, ...further } = this as { readonly layers: readonly Layer[] };
    return [...partsOf(layers), ...partsOf(further)];
  }

  override forward(x: Tensor): Tensor {
    return this.layers.reduce((y, layer) => layer.forward(y), x);
  }
}
