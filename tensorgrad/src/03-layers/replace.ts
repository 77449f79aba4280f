import { expectArgument } from "../00-runtime/index.ts";
import { joined, valuesIn } from "./held.ts";
import { expectModule, isLayer, type Layer } from "./layer.ts";
import type { Module } from "./module.ts";
import { Sequential } from "./sequential.ts";

/**
 * Puts other layers in the places of a model's layers, wherever they are held: in properties, lists, Maps and Sets. `make`
 * gives the new layer, or null to leave the old one, whose parts are then looked at. A layer that is held in several
 * places is asked about once, under its first name, and replaced in all of them.
 *
 *   replaceLayers(model, (layer) => (layer instanceof Linear ? new MyLinear(layer) : null));
 *
 * Returns   the paths of what was replaced
 */
export function replaceLayers(model: Module, make: (layer: Layer, path: string) => Layer | null): string[] {
  expectModule("replaceLayers", model);
  expectArgument(
    typeof make === "function",
    "replaceLayers",
    "make",
    make,
    "a function of a layer and its path",
  );
  const made = new Map<Layer, Layer | null>();
  const replaced: string[] = [];
  const visit = (holder: object, path: string): void => {
    // A Sequential names its layers 0, 1, 2, …, without the list in which it holds them.
    const parts = holder instanceof Sequential ? holder.layers : holder;
    for (const { name, value, put } of [...valuesIn(parts)]) {
      if (!isLayer(value)) continue;
      const whole = joined(path, name);
      const first = !made.has(value);
      if (first) made.set(value, make(value, whole));
      const fresh = made.get(value) ?? null;
      if (fresh === null && first) visit(value, whole);
      if (fresh === null) continue;
      put(fresh);
      replaced.push(whole);
    }
  };
  visit(model, "");
  return replaced;
}
