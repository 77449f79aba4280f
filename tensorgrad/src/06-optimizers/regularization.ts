import { checked, kernels } from "../00-runtime/index.ts";
import { expectTensors, type Tensor } from "../01-tensor/index.ts";
import { gradientOf } from "./clip.ts";
import * as reference from "./regularization.reference.ts";
import * as split from "./regularization.split.ts";

const kernel = kernels(reference, split);

/** Which parameters are kept small, and how much that weighs. */
export interface Penalty {
  /** Weight of Σ|p|: pulls every weight towards 0 by the same amount, so that many end there. */
  readonly l1?: number;
  /** Weight of ½·Σp²: pulls a weight the more, the larger it is. */
  readonly l2?: number;
}

/**
 * What large weights cost, as a tensor to add to the loss.
 *
 *   penalty = l1·Σ|p| + ½·l2·Σp²
 *
 *   const loss = crossEntropy(model.forward(x), y).add(penalty(model.parameters(), { l2: 1e-4 }));
 *
 * Gradient  l1·sign(p) + l2·p, with 0 at 0
 * Throws    RangeError for no parameters, or weights that are negative
 */
export function penalty(parameters: readonly Tensor[], options: Penalty = {}): Tensor {
  const { l1 = 0, l2 = 0 } = checked("penalty", options, ["l1", "l2"]);
  expectTensors("penalty", parameters, "parameters");
  check("penalty", { l1, l2 });
  if (parameters.length === 0) throw new RangeError("penalty: no parameters — pass model.parameters()");
  const terms = parameters.flatMap((p) => [
    ...(l1 > 0 ? [p.abs().sum().mul(l1)] : []),
    ...(l2 > 0
      ? [
          p
            .square()
            .sum()
            .mul(l2 / 2),
        ]
      : []),
  ]);
  return terms.length === 0 ? parameters[0].newFrom([0], []) : terms.reduce((sum, term) => sum.add(term));
}

/**
 * The same penalty, added to the gradients between `backward` and `step`: one pass instead of a graph.
 *
 *   g ← g + l1·sign(p) + l2·p
 *
 * For plain SGD, l2 is the same as `weightDecay`, and so it is for Adam, whose weightDecay joins the gradient. AdamW
 * is different: its weight decay bypasses m and v. In Adam a penalty is divided by √v̂ like any gradient: weights whose
 * gradients are large are hardly regularised at all (Loshchilov & Hutter 2019).
 *
 * Parameters without a gradient stay as they are.
 */
export function regularize(parameters: readonly Tensor[], options: Penalty): void {
  const { l1 = 0, l2 = 0 } = checked("regularize", options, ["l1", "l2"]);
  expectTensors("regularize", parameters, "parameters");
  check("regularize", { l1, l2 });
  for (const p of new Set(parameters)) {
    const g = gradientOf(p);
    if (!g) continue;
    kernel.addPenalty(g, p.contiguous(), p.size, l1, l2);
    g.storage.version++;
  }
}

function check(call: string, weights: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(weights)) {
    if (value >= 0 && Number.isFinite(value)) continue;
    throw new RangeError(`${call}: ${name} = ${value} — must be a finite number ≥ 0`);
  }
}
