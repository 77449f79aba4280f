import type { Tensor } from "../01-tensor/index.ts";

/** A bend between linear layers: no parameters, only settings. */
export abstract class Activation {
  abstract forward(x: Tensor): Tensor;

  toString(): string {
    const settings = Object.entries(this).map(([name, value]) => `${name}: ${written(value)}`);
    return `${this.constructor.name}(${settings.join(", ")})`;
  }
}

/** As typed: JSON has no Infinity. */
const written = (value: unknown): string =>
  typeof value === "number" ? String(value) : JSON.stringify(value);

/** For settings that would make NaN of every output. */
export function requireFinite(call: string, name: string, value: number): void {
  if (!Number.isFinite(value)) throw new RangeError(`${call}: ${name} = ${value} — a finite number`);
}
