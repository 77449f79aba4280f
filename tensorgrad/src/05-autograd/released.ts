import { GradientError } from "../00-runtime/index.ts";
import { Function, type Gradient, type Tensor } from "../01-tensor/index.ts";

/** Takes the place of an operation whose graph was released, so that what it kept alive can be collected. */
class Released extends Function {
  readonly #name: string;
  constructor(name: string) {
    super();
    this.#name = name;
  }
  override get name(): string {
    return this.#name;
  }
  forward(): Tensor {
    throw this.error();
  }
  backward(): Gradient[] {
    throw this.error();
  }
  error(): GradientError {
    return new GradientError(
      `backward: the graph that led through ${this.#name} was released by an earlier backward — ` +
        "to go through it again, call the first one with { retainGraph: true }",
    );
  }
}

/** Whether a backward has already been through the graph of this tensor, and forgot it. */
export const isReleased = ({ gradFn }: Tensor): boolean => gradFn instanceof Released;

/** Forgets how these tensors were made, and with it everything saved for their gradients. */
export function release(visited: readonly Tensor[]): void {
  for (const tensor of visited) {
    if (tensor.gradFn) tensor.recordedAs(new Released(tensor.gradFn.name), true);
  }
}

export function requireUnreleased(tensors: readonly Tensor[]): void {
  for (const { gradFn } of tensors) if (gradFn instanceof Released) throw gradFn.error();
}
