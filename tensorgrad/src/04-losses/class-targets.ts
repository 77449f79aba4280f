import { ShapeError, show } from "../00-runtime/index.ts";
import { checking, isRecordingAll, sameShape, type Tensor } from "../01-tensor/index.ts";
import { requireTensors } from "./reduction.ts";

/** A problem of rows: what came as [N, C, d…] with targets [N, d…] is one row for every target. */
export interface Rows {
  /** [M, C] */
  readonly x: Tensor;
  /** [M] */
  readonly targets: Tensor;
  /** A loss per row in the shape of the targets. */
  readonly shaped: (losses: Tensor) => Tensor;
}

/** Checks that x is [N, C, d…] and targets are [N, d…]. `name` is what x holds, `further` what else targets may be. */
export function rowsOf(call: string, name: string, x: Tensor, targets: Tensor, further = ""): Rows {
  requireTensors(call, x, targets);
  const { shape } = targets;
  if (x.rank < 2 || !sameShape(shape, x.shape.toSpliced(1, 1))) {
    const argument = name === "logits" ? name : "x";
    const last = x.rank > 2 && sameShape(shape, x.shape.slice(0, -1));
    const remedy = last
      ? `; classes in the last dim: ${argument}.reshape(-1, ${x.shape.at(-1)}), targets.reshape(-1)`
      : "";
    throw new ShapeError(
      `${call}: ${name} ${show(x.shape)}, targets ${show(shape)} — ${name} are [N, C, …] and targets class indices ` +
        `[N, …]${further}${remedy}`,
    );
  }
  if (x.rank === 2) return { x, targets, shaped: (losses) => losses };
  return { x: asRows(x), targets: targets.reshape(-1), shaped: (losses) => losses.reshape(shape) };
}

/** [N, C, d…] → [N·d…, C] */
export const asRows = (x: Tensor): Tensor => (x.rank === 2 ? x : x.movedim(1, -1).reshape(-1, x.shape[1]));

export interface ClassTargets {
  /** int32; −1 for rows that do not count. */
  readonly classes: Tensor;
  /** Whether there are such rows. */
  readonly ignored: boolean;
}

/** Checks that every target [M] of x [M, C], but for `ignoreIndex`, is one of its classes. `name` is what x holds. */
export function classTargets(
  call: string,
  name: string,
  x: Tensor,
  targets: Tensor,
  ignoreIndex: number,
): ClassTargets {
  const seen = checking([targets], (targets) => hasIgnored(call, name, x, targets, ignoreIndex));
  const ignored = seen || isRecordingAll(); // a graph is made for other targets than these
  const classes = ignored ? targets.eq(ignoreIndex).where(-1, targets) : targets;
  return { classes: classes.to("int32"), ignored };
}

/** Whether some rows do not count; all others must name a class. */
function hasIgnored(call: string, name: string, x: Tensor, targets: Tensor, ignoreIndex: number): boolean {
  const C = x.shape[1];
  let ignored = false;
  targets.data.forEach((target, row) => {
    if (target === ignoreIndex) ignored = true;
    else if (!(Number.isInteger(target) && target >= 0 && target < C)) {
      throw new RangeError(
        `${call}: targets must be class indices below ${C} for ${name} ${show(x.shape)}, got ${target} at row ${row}`,
      );
    }
  });
  return ignored;
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
  checking([weight], ({ data }) => {
    const wrong = data.findIndex((w: number) => !(w >= 0 && w < Infinity));
    if (wrong < 0) return;
    throw new RangeError(
      `${call}: weight ${data[wrong]} of class ${wrong} — weights are finite numbers, 0 or more`,
    );
  });
}
