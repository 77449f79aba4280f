import type { Tensor } from "../01-tensor/index.ts";

/** A bend between linear layers: no parameters, only settings. */
export abstract class Activation {
  abstract forward(x: Tensor): Tensor;

  toString(): string {
    const settings = Object.entries(this).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
    return `${this.constructor.name}(${settings.join(", ")})`;
  }
}
