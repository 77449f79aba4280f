import { show } from "../00-runtime/index.ts";
import { type Function, isTensor, type Tensor } from "../01-tensor/index.ts";
import type { Module } from "../03-layers/index.ts";
import type { Batch } from "./batches.ts";

/** Where in a training something happened: epoch and step. */
export interface When {
  /** The step that will not be taken, counted from 1. */
  readonly step: number;
  readonly epoch: number;
}

interface Finding {
  readonly where: string;
  readonly remedy: string;
}

/** Training stopped because a loss or a gradient is no longer finite; the weights are those before. */
export class DivergenceError extends RangeError {}

/** Throws  DivergenceError for a loss that is no longer finite */
export function ensureFinite(model: Module, batch: Batch, loss: Tensor, when: When): void {
  if (!Number.isFinite(loss.item())) throw diverged(model, batch, loss, when);
}

/** Names the first tensor on the way to the loss that is not finite. */
function diverged(model: Module, batch: Batch, loss: Tensor, { step, epoch }: When): DivergenceError {
  const { where, remedy } = badData(batch) ??
    badWeight(model) ??
    badOperation(model, loss) ?? {
      where: "batch and parameters are finite",
      remedy: "lower the learning rate, or scale the data down",
    };
  return new DivergenceError(
    `trainEpoch: the loss is ${loss.item()} at step ${step} (epoch ${epoch}): ${where} — training stops before such a ` +
      `step changes the weights; ${remedy}`,
  );
}

/** Gradients that are not finite although the loss is. */
export function gradientDiverged(model: Module, loss: number, { step, epoch }: When): DivergenceError {
  const bad = model.namedParameters().find(([, { grad }]) => grad && !isFinite(grad));
  const what = bad
    ? `the gradient of ${bad[0]} ${show(bad[1].shape)} is not finite`
    : "the gradients together are too large";
  return new DivergenceError(
    `trainEpoch: ${what} at step ${step} (epoch ${epoch}), with a loss of ${loss} — training stops before such a step ` +
      "changes the weights; find the operation with detectAnomaly(): a root or logarithm at 0, or an overflow",
  );
}

const isFinite = (tensor: Tensor): boolean =>
  !tensor.isFloat || tensor.storage.freed || tensor.data.every(Number.isFinite);

function badData(batch: Batch): Finding | null {
  const bad = Object.entries({ x: batch.x, y: batch.y }).find(([, tensor]) => !isFinite(tensor));
  if (!bad) return null;
  const [name, { shape }] = bad;
  return { where: `the batch's ${name} ${show(shape)} is not finite`, remedy: "look for NaN in the data" };
}

function badWeight(model: Module): Finding | null {
  const bad = Object.entries(model.stateDict()).find(([, tensor]) => !isFinite(tensor));
  if (!bad) return null;
  const [name, { shape }] = bad;
  const kind = model.namedParameters().some(([parameter]) => parameter === name) ? "parameter" : "buffer";
  return {
    where: `${kind} ${name} ${show(shape)} is not finite`,
    remedy: "lower the learning rate or clip the gradients",
  };
}

/** The first operation that made NaN (or ∞, if that is what the loss is) from inputs without. */
function badOperation(model: Module, loss: Tensor): Finding | null {
  const isBad = Number.isNaN(loss.item()) ? Number.isNaN : (x: number) => !Number.isFinite(x);
  // What was freed on the way (activation checkpointing) cannot be looked at.
  const has = (tensor: Tensor): boolean => tensor.isFloat && !tensor.storage.freed && tensor.data.some(isBad);
  const names = new Map<Tensor, string>(model.namedParameters().map(([name, tensor]) => [tensor, name]));
  let passed = "";
  for (const y of inOrderOfWork(loss)) {
    const fn = y.gradFn;
    const parameters = (fn?.prev ?? []).flatMap((x) => names.get(x) ?? []);
    passed = parameters.at(-1) ?? passed;
    if (!has(y) || fn?.prev.some(has)) continue;
    return fn
      ? madeBy(
          fn,
          y,
          y.data.findIndex(isBad),
          parameters.length ? `with ${parameters.join(", ")}` : passed && `after ${passed}`,
        )
      : {
          where: `a tensor ${show(y.shape)} that no gradient flows to is not finite`,
          remedy: "look at how it is computed",
        };
  }
  return null;
}

function madeBy(fn: Function, y: Tensor, at: number, place: string): Finding {
  const inputs = fn.prev.filter(isTensor);
  const infinite = inputs.some((x) => !isFinite(x)) ? ", among them ∞" : "";
  const where =
    `${fn.name}${place ? ` (${place})` : ""} makes ${y.data[at]} at element ${at} of its result ${show(y.shape)} ` +
    `from inputs ${inputs.map((x) => show(x.shape)).join(", ")}${infinite}`;
  return {
    where,
    remedy: "lower the learning rate, scale the data down, or keep that operation's input in its domain",
  };
}

/** Every tensor that the loss depends on, inputs before results. */
function inOrderOfWork(loss: Tensor): Tensor[] {
  const order: Tensor[] = [];
  const seen = new Set<Tensor>();
  const stack: { readonly tensor: Tensor; readonly done: boolean }[] = [{ tensor: loss, done: false }];
  for (let top = stack.pop(); top; top = stack.pop()) {
    const { tensor, done } = top;
    if (done) order.push(tensor);
    if (done || seen.has(tensor)) continue;
    seen.add(tensor);
    stack.push({ tensor, done: true });
    for (const input of [...(tensor.gradFn?.prev ?? [])].reverse())
      stack.push({ tensor: input, done: false });
  }
  return order;
}
