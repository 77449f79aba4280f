import { can, expectArgument, refuseOtherCopy } from "../00-runtime/index.ts";
import type { Tensor } from "../01-tensor/index.ts";

/** Anything with a forward: a module, an activation, or an object of one's own. */
export interface Layer {
  /** One input, one output. */
  forward(x: Tensor): Tensor;
  /** Computes layers that follow in the same pass over memory, with equal results; null: none of these. */
  fuse?(following: readonly Layer[]): Fusion | null;
}

/** Layers in a row that are computed together. */
export interface Fusion {
  /** How many, the first one included. */
  readonly layers: number;
  /** What the layers give one after the other. */
  forward(x: Tensor): Tensor;
}

type Class<T> = abstract new (...args: never[]) => T;

/** Whether a layer is of this class, and computes as the class does: nobody replaced its forward, or watches it. */
export const isPlain = <T extends Layer>(layer: Layer | undefined, type: Class<T>): layer is T =>
  typeof type === "function" && layer instanceof type && layer.forward === (type.prototype as Layer).forward;

/** Anything with a forward counts as a part. Throws TypeError for a layer of another copy of the library. */
export function isLayer(value: unknown): value is Layer {
  if (typeof value !== "object" || value === null || !("forward" in value)) return false;
  refuseOtherCopy("Module", "a layer", value);
  return typeof value.forward === "function";
}

/** Refuses anything but a model: `evaluating: model 7.5 — expected a Module, such as new Sequential(…)`. */
export const expectModule = (call: string, model: unknown): void =>
  expectArgument(
    can(model, "modules", "parameters"),
    call,
    "model",
    model,
    "a Module, such as new Sequential(…)",
  );
