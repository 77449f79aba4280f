import { checked } from "../00-runtime/index.ts";
import { expectTensor, type Tensor } from "../01-tensor/index.ts";
import { Activation, requireFinite } from "./activation.ts";
import { Hardtanh as HardtanhFunction } from "./held.ts";

/** Options of `hardtanh` and `Hardtanh`. */
export interface HardtanhOptions {
  /** The lowest output. */
  readonly minVal?: number;
  /** The highest output. */
  readonly maxVal?: number;
}

/**
 * A straight line between two flat pieces.
 *
 *   y = min(max(x, minVal), maxVal)
 *
 * Gradient  g where minVal < x < maxVal, else 0
 * Throws    RangeError for bounds that are not finite, or not in order
 * ONNX      Clip
 */
export function hardtanh(x: Tensor, options: HardtanhOptions = {}): Tensor {
  const { minVal = -1, maxVal = 1 } = checked("hardtanh", options, ["minVal", "maxVal"]);
  expectTensor("hardtanh", x);
  checkBounds("hardtanh", minVal, maxVal);
  return new HardtanhFunction(minVal, maxVal).apply(x.asFloat());
}

function checkBounds(call: string, minVal: number, maxVal: number): void {
  requireFinite(call, "minVal", minVal);
  requireFinite(call, "maxVal", maxVal);
  if (!(minVal < maxVal))
    throw new RangeError(
      `${call}: from minVal = ${minVal} to maxVal = ${maxVal} — the first must be below the second`,
    );
}

/** `hardtanh` as a layer. Source: Collobert 2004. */
export class Hardtanh extends Activation {
  readonly minVal: number;
  readonly maxVal: number;

  constructor(options: HardtanhOptions = {}) {
    const { minVal = -1, maxVal = 1 } = checked("Hardtanh", options, ["minVal", "maxVal"]);
    super();
    checkBounds("Hardtanh", minVal, maxVal);
    [this.minVal, this.maxVal] = [minVal, maxVal];
  }

  forward(x: Tensor): Tensor {
    return hardtanh(x, { minVal: this.minVal, maxVal: this.maxVal });
  }
}
