import { checked, listed, Printed } from "../00-runtime/index.ts";
import type { Tensor } from "../01-tensor/index.ts";

/** A loss as an object that keeps its options. */
export abstract class Loss<Options extends object> extends Printed {
  readonly options: Options;

  constructor(...[options]: [options?: Options]) {
    super();
    const given = options ?? ({} as Options);
    this.options = checked(new.target.name, given, Object.keys(given) as (keyof Options & string)[]);
  }

  abstract forward(x: Tensor, y: Tensor): Tensor;

  protected override describe(): string {
    return listed(this.options);
  }
}
