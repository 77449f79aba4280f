import { listed, Printed } from "../00-runtime/index.ts";
import type { Tensor } from "../01-tensor/index.ts";

/** What stands between linear layers, such as ReLU: no parameters, only settings. */
export abstract class Activation extends Printed {
  /** The function, element by element. */
  abstract forward(x: Tensor): Tensor;

  protected override describe(): string {
    return listed(this);
  }
}

/** For settings that would make NaN of every output. */
export function requireFinite(call: string, name: string, value: number): void {
  if (!Number.isFinite(value)) throw new RangeError(`${call}: ${name} = ${value} — a finite number`);
}
