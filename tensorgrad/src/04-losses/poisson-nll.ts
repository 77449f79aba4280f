import { checked } from "../00-runtime/index.ts";
import type { Tensor } from "../01-tensor/index.ts";
import { Loss } from "./loss.ts";
import { type LossOptions, reduceLoss, requireSameShape } from "./reduction.ts";

/** Options of `poissonNLL`. */
export interface PoissonNLLOptions extends LossOptions {
  /** Whether predictions are logarithms of expected counts, or these themselves. */
  readonly logInput?: boolean;
  /** Whether ln y!, which does not depend on predictions, is added (by Stirling's formula, where y > 1). */
  readonly full?: boolean;
  /** Added to expected counts before their logarithm is taken. */
  readonly eps?: number;
}

/**
 * How surprised a model of counts is: targets are Poisson draws, predictions what is expected.
 *
 *   loss = mean eˣ − y·x, or with logInput false x − y·ln(x + ε)
 *
 * Shapes    x and y of one shape → a scalar; that shape with reduction "none"
 * Gradient  x: (eˣ − y)/n, or (1 − y/(x + ε))/n
 * Throws    ShapeError if the shapes differ; RangeError if eps is negative or no number
 * Source    PyTorch's PoissonNLLLoss, options included
 */
export function poissonNLL(x: Tensor, y: Tensor, options: PoissonNLLOptions = {}): Tensor {
  const names = ["logInput", "full", "eps", "reduction"] as const;
  const {
    logInput = true,
    full = false,
    eps = 1e-8,
    reduction = "mean",
  } = checked("poissonNLL", options, names);
  requireSameShape("poissonNLL", x, y);
  if (!(eps >= 0)) throw new RangeError(`poissonNLL: eps = ${eps} — a number, 0 or more`);
  const surprise = logInput ? x.exp().sub(y.mul(x)) : x.sub(y.mul(x.add(eps).log()));
  return reduceLoss("poissonNLL", full ? surprise.add(logFactorial(y)) : surprise, reduction);
}

/** Stirling's formula, y·ln y − y + ½·ln 2πy; 0 up to 1, whose logarithm would not be far from it, and where 0 has none. */
function logFactorial(y: Tensor): Tensor {
  const many = y.gt(1);
  const count = many.where(y, 1).asFloat();
  const stirling = count
    .mul(count.log())
    .sub(count)
    .add(
      count
        .mul(2 * Math.PI)
        .log()
        .mul(0.5),
    );
  return many.where(stirling, 0);
}

/** `poissonNLL` as an object. */
export class PoissonNLLLoss extends Loss<PoissonNLLOptions> {
  forward(x: Tensor, y: Tensor): Tensor {
    return poissonNLL(x, y, this.options);
  }
}
