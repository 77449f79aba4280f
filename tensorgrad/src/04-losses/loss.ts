import { listed, Printed } from "../00-runtime/index.ts";
import type { Tensor } from "../01-tensor/index.ts";

/** A loss as an object that keeps its options. */
export abstract class Loss<Options extends object> extends Printed {
  readonly options: Options;

  constructor(...[options]: [options?: Options]) {
    super();
    this.options = options ?? ({} as Options);
  }

  abstract forward(x: Tensor, y: Tensor): Tensor;

  protected override describe(): string {
    return listed(this.options);
  }
}
