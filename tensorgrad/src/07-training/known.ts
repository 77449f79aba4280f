import { show } from "../00-runtime/index.ts";
import { isTensor, operationsBehind, type Tensor } from "../01-tensor/index.ts";
import { type Module, Parameter } from "../03-layers/index.ts";
import type { Steps } from "./options.ts";

/** Who was looked at before. */
const seen = new WeakSet<object>();

/**
 * Looks once for each trainer.
 *
 * Throws  TypeError for a parameter that the loss depends on, but that neither the model lists nor the optimizer moves; and for
 *         one that the optimizer would move, but that is neither the model's nor behind the loss
 */
export function ensureKnown(
  trainer: { readonly model: Module; readonly optimizer: Steps },
  loss: Tensor,
): void {
  if (seen.has(trainer)) return;
  const { model, optimizer } = trainer;
  check(model, optimizer, loss);
  seen.add(trainer);
}

function check(model: Module, { groups }: Steps, loss: Tensor): void {
  const [own, moved] = [new Set<Tensor>(model.parameters()), groups.flatMap(({ params }) => params)];
  const known = new Set([...own, ...moved]);
  const inputs = operationsBehind([loss]).flatMap(({ prev }) => prev.filter(isTensor));
  const idle = moved.find((p) => !own.has(p) && !inputs.includes(p));
  if (idle) throw idler(model, idle);
  const stranger = inputs.find((x) => x instanceof Parameter && x.requiresGrad && !known.has(x));
  if (!stranger) return;
  const { name } = model.constructor;
  throw new TypeError(
    `trainEpoch: the loss depends on a parameter of shape ${show(stranger.shape)} that is not among ${name}.parameters(), so it ` +
      "is neither trained nor saved — a module's parameters and parts are found in its properties, and in lists, Maps, Sets " +
      "and plain objects there, but not in a #private field or inside another class; make it a property",
  );
}

const idler = (model: Module, { shape }: Tensor): TypeError =>
  new TypeError(
    `trainEpoch: the optimizer moves a parameter of shape ${show(shape)} that is not among ${model.constructor.name}.parameters(), and ` +
      "the loss does not depend on it — it would never get a gradient; make the optimizer of model.parameters()",
  );
