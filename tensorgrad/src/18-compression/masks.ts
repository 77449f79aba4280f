import { counted, expectArgument, give, Printed, ShapeError, scope, show } from "../00-runtime/index.ts";
import { sameShape, type Tensor, withRecording } from "../01-tensor/index.ts";
import { expectModule, type Module, type Parameter } from "../03-layers/index.ts";
import type { Callback, Trainer } from "../07-training/index.ts";

/** A parameter and which of its weights are left: bool, of the same shape. */
interface Masked {
  readonly p: Parameter;
  readonly mask: Tensor;
  /** Takes its gradient's hook away. */
  readonly unhook: () => void;
}

/**
 * Weights that are 0 and stay it, whatever an optimizer does.
 *
 * Zeros alone do not last: the gradient of a weight that is 0 is none of its own business, and momentum from before goes
 * on for a while. So two things are done. Gradients of removed weights are 0 from now on: neither a limit on their length
 * nor an optimizer's memory counts them. And after each step the removed weights are set to 0 again: for momentum that
 * they had before, and for optimizers that mix the elements of a matrix.
 *
 *   const masks = magnitudePrune(model, { sparsity: 0.9 });
 *   new Trainer({ model, …, callbacks: [masks] });        // or, in a loop of one's own: optimizer.step(); masks.apply();
 *
 * Masks are part of a trainer's checkpoints.
 *
 * Memory    a byte for each weight
 * Throws    RangeError for paths that the model does not have; ShapeError for masks of another shape
 */
export class Masks extends Printed implements Callback {
  readonly #model: Module;
  readonly #masked = new Map<string, Masked>();

  /** Masks by the paths of parameters; they are copied. The removed weights are 0 at once. */
  constructor(model: Module, masks: Readonly<Record<string, Tensor>>) {
    super();
    expectModule("Masks", model);
    expectArgument(
      typeof masks === "object" && masks !== null,
      "Masks",
      "masks",
      masks,
      "an object of tensors by path",
    );
    this.#model = model;
    const parameters = new Map(model.namedParameters());
    for (const [path, mask] of Object.entries(masks)) checkMask(model, path, parameters.get(path), mask);
    for (const [path, mask] of Object.entries(masks))
      this.#masked.set(path, masked(parameters.get(path) as Parameter, mask));
    this.apply();
  }

  /** Removes for good what is 0 by now: for a model that was pruned and read from a file. */
  static ofZeros(model: Module): Masks {
    using _ = scope();
    const sparse = model.namedParameters().filter(([, p]) => p.data.includes(0));
    return new Masks(model, Object.fromEntries(sparse.map(([path, p]) => [path, p.detach().ne(0)])));
  }

  /** Sets the removed weights to 0: after every step. */
  apply(): void {
    using _ = scope();
    withRecording("off", () => {
      for (const { p, mask } of this.#masked.values()) p.assign(mask.where(p, 0));
    });
  }

  /** Lets go: the weights are 0 still, and training may fill them again. */
  release(): void {
    for (const { unhook } of this.#masked.values()) unhook();
    this.#masked.clear();
  }

  /**
   * Puts the model back to where it was, and removes the same weights there: a lottery ticket. Training it anew needs a new
   * optimizer, whose memory is empty.
   *
   *   const start = snapshot(model);  …train…
   *   magnitudePrune(model, { sparsity: 0.8 }).rewind(start);
   *
   * Throws    ShapeError for values of another model
   * Source    Frankle & Carbin 2019, The lottery ticket hypothesis; Frankle et al. 2020 (to an early step, not the first)
   */
  rewind(start: Readonly<Record<string, Tensor>>): void {
    this.#model.loadStateDict(start);
    this.apply();
  }

  /** The masks, by the paths of their parameters. */
  tensors(): Readonly<Record<string, Tensor>> {
    return Object.fromEntries([...this.#masked].map(([path, { mask }]) => [path, mask]));
  }

  onFitStart({ model }: Trainer): void {
    const trained = new Set<Tensor>(model.parameters());
    const lost = [...this.#masked].find(([, { p }]) => !trained.has(p));
    if (lost)
      throw new RangeError(
        `Masks: "${lost[0]}" ${show(lost[1].p.shape)} is no parameter of the model that is trained — masks belong to the ` +
          "tensors that were pruned; prune the model that you train, after its layers were replaced",
      );
    this.apply();
  }

  onStepEnd(): void {
    this.apply();
  }

  protected override describe(): string {
    return `${counted(this.#masked.size, "masked parameter")} of ${this.#model.constructor.name}`;
  }
}

/** A copy of all parameters and buffers, to go back to. */
export function snapshot(model: Module): Record<string, Tensor> {
  expectModule("snapshot", model);
  return Object.fromEntries(
    Object.entries(model.stateDict()).map(([path, tensor]) => [path, tensor.clone()]),
  );
}

function masked(p: Parameter, given: Tensor): Masked {
  const mask = withRecording("off", () => given.ne(0));
  give(mask.storage, p.storage.owner ?? null); // lives as long as its parameter
  const unhook = p.requiresGrad ? p.registerHook((g) => mask.where(g, 0)) : () => {};
  return { p, mask, unhook };
}

function checkMask(model: Module, path: string, p: Parameter | undefined, mask: Tensor): void {
  if (!p) throw new RangeError(`Masks: "${path}" — ${model.constructor.name} has no parameter of that name`);
  if (sameShape(p.shape, mask.shape)) return;
  throw new ShapeError(
    `Masks: "${path}" is ${show(p.shape)}, its mask ${show(mask.shape)} — one for each weight, of the same shape`,
  );
}
