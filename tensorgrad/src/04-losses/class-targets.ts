import { ShapeError, show } from "../00-runtime/index.ts";
import { isRecordingAll, sameShape, type Tensor, unobserved } from "../01-tensor/index.ts";
import { requireTensors } from "./reduction.ts";

export interface ClassTargets {
  /** int32; −1 for rows that do not count. */
  readonly classes: Tensor;
  /** Whether there are such rows. */
  readonly ignored: boolean;
}

/** Checks that x is [N, C] and every target, but for `ignoreIndex`, one of its classes. `name` is what x holds. */
export function classTargets(
  call: string,
  name: string,
  x: Tensor,
  targets: Tensor,
  ignoreIndex: number,
): ClassTargets {
  requireTensors(call, x, targets);
  if (x.rank !== 2 || targets.rank !== 1 || targets.shape[0] !== x.shape[0]) {
    const argument = name === "logits" ? name : "x";
    throw new ShapeError(
      `${call}: ${name} ${show(x.shape)}, targets ${show(targets.shape)} — ${name} are [N, C] and targets [N] class indices; ` +
        `flatten leading dims first: ${argument}.reshape(-1, C), targets.reshape(-1)`,
    );
  }
  const C = x.shape[1];
  let ignored = isRecordingAll(); // a graph is made for other targets than these
  unobserved(() => targets.data).forEach((target, row) => {
    if (target === ignoreIndex) ignored = true;
    else if (!(Number.isInteger(target) && target >= 0 && target < C)) {
      throw new RangeError(
        `${call}: targets must be class indices below ${C} for ${name} ${show(x.shape)}, got ${target} at row ${row}`,
      );
    }
  });
  const classes = ignored ? targets.eq(ignoreIndex).where(-1, targets) : targets;
  return { classes: classes.to("int32"), ignored };
}

/** One weight per class, none of them negative. */
export function requireClassWeights(call: string, name: string, weight: Tensor | undefined, x: Tensor): void {
  if (!weight) return;
  const C = x.shape[1];
  if (!sameShape(weight.shape, [C])) {
    throw new ShapeError(
      `${call}: weight ${show(weight.shape)} for ${name} ${show(x.shape)} — one weight per class, [${C}]`,
    );
  }
  const weights = unobserved(() => weight.data);
  const wrong = weights.findIndex((w: number) => !(w >= 0 && w < Infinity));
  if (wrong >= 0) {
    throw new RangeError(
      `${call}: weight ${weights[wrong]} of class ${wrong} — weights are finite numbers, 0 or more`,
    );
  }
}
