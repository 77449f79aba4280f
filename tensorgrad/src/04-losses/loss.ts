import { show } from "../00-runtime/index.ts";
import { isTensor, type Tensor } from "../01-tensor/index.ts";

/** A loss as an object that keeps its options. */
export abstract class Loss<Options extends object> {
  readonly options: Options;

  constructor(...[options]: [options?: Options]) {
    this.options = options ?? ({} as Options);
  }

  abstract forward(x: Tensor, y: Tensor): Tensor;

  toString(): string {
    const settings = Object.entries(this.options).map(([name, value]) => `${name}: ${written(value)}`);
    return `${this.constructor.name}(${settings.join(", ")})`;
  }
}

const written = (value: unknown): string => {
  if (isTensor(value)) return `a tensor ${show(value.shape)}`;
  return typeof value === "number" ? String(value) : JSON.stringify(value);
};
