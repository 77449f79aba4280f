import { observed, refuseOtherCopy } from "../00-runtime/index.ts";
import { isRecordingAll, type Tensor } from "../01-tensor/index.ts";
import { type Fusion, isLayer, type Layer } from "./layer.ts";
import { Module, partsOf } from "./module.ts";

/**
 * Layers one after the other; they are named 0, 1, 2, …
 *
 * Layers that can be computed in one pass over memory are (batch norm, relu and pooling): results and gradients are the same.
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
    let y = x;
    for (let i = 0; i < this.layers.length; ) {
      const step = this.#step(i);
      y = step.forward(y);
      i += step.layers;
    }
    return y;
  }

  /** Layer i, or several from there on in one pass. Whoever records operations sees every layer by itself. */
  #step(i: number): Fusion {
    const layer = this.layers[i];
    const together = isRecordingAll() ? null : layer.fuse?.(this.layers.slice(i + 1));
    if (!together) return { layers: 1, forward: (x) => layer.forward(x) };
    const run = (x: Tensor) => () => together.forward(x);
    return {
      layers: together.layers,
      forward: (x) => observed("module", layer.constructor.name, layer, run(x)),
    };
  }
}
