import { checked, expectArgument, GradientError, show } from "../00-runtime/index.ts";
import { isTensor, type Tensor } from "../01-tensor/index.ts";
import { grad } from "./grad.ts";

type Differentiable = (...inputs: Tensor[]) => Tensor;

/** Options of `gradcheck` and `gradgradcheck`. */
export interface GradcheckOptions {
  /** Distance of the two points of each difference. */
  readonly eps?: number;
  /** Allowed: atol + rtol·|difference|. */
  readonly atol?: number;
  readonly rtol?: number;
}

/**
 * Compares the gradient of `fn` with central differences, element by element, for float64 inputs.
 *
 *   ∂(Σ v·y)/∂x_i ≈ (Σ v·fn(x + eps·e_i) − Σ v·fn(x − eps·e_i)) / 2·eps,  v fixed and irregular
 *
 * The quick check for one set of inputs; `checkGradients` of the package `gradverify` searches for inputs that fail, with an
 * error bar instead of a tolerance.
 *
 * Cost      two evaluations per element
 * Throws    GradientError naming the first input and element that disagree
 * Source    torch.autograd.gradcheck
 */
export function gradcheck(
  fn: Differentiable,
  inputs: readonly Tensor[],
  options: GradcheckOptions = {},
): true {
  const { eps = 1e-6, atol = 1e-5, rtol = 1e-3 } = checked("gradcheck", options, ["eps", "atol", "rtol"]);
  checkArguments("gradcheck", fn, inputs);
  const wanted = inputs.filter((x) => x.requiresGrad);
  const strange = wanted.find((x) => x.dtype !== "float64" || !x.isLeaf);
  if (wanted.length === 0 || strange) {
    const given = strange ? `input ${show(strange.shape)} ${strange.dtype}` : "no input with requiresGrad";
    throw new GradientError(
      `gradcheck: ${given} — differences need leaves of float64: tensor(…, { dtype: "float64", requiresGrad: true })`,
    );
  }
  const v = irregular(fn(...inputs));
  const weighted = () =>
    fn(...inputs)
      .mul(v)
      .sum();
  const gradients = grad(weighted(), wanted, { allowUnused: true }).map((g) => g?.data.slice());
  wanted.forEach((x, k) => {
    for (const [i, difference] of differences(x, weighted, eps)) {
      const given = gradients[k]?.[i] ?? 0; // a result that does not depend on an input has the slope 0
      const allowed = atol + rtol * Math.abs(difference);
      if (Math.abs(given - difference) <= allowed) continue;
      throw new GradientError(
        `gradcheck: element ${i} of input ${inputs.indexOf(x)} ${show(x.shape)}: backward gives ${given}, differences give ` +
          `${difference} — they may differ by ${allowed}`,
      );
    }
  });
  return true;
}

// exercise: autograd-differences
/** The central difference for each element of x, which is left as it was whatever happens. */
function differences(x: Tensor, fn: () => Tensor, eps: number): [index: number, difference: number][] {
  const values = Float64Array.from(x.data);
  const at = (i: number, value: number) => x.assign(values.with(i, value)) && fn().item();
  try {
    return [...values].map((value, i) => [i, (at(i, value + eps) - at(i, value - eps)) / (2 * eps)]);
  } finally {
    x.assign(values);
  }
}

/** The same for second derivatives: `gradcheck` of the function that computes the gradient. */
export function gradgradcheck(
  fn: Differentiable,
  inputs: readonly Tensor[],
  options: GradcheckOptions = {},
): true {
  checkArguments("gradgradcheck", fn, inputs);
  checked("gradgradcheck", options, ["eps", "atol", "rtol"]);
  const firstOrder = (...xs: Tensor[]) => {
    const wanted = xs.filter((x) => isTensor(x) && x.requiresGrad);
    const y = fn(...xs);
    return grad(y, wanted, { gradOutputs: irregular(y), createGraph: true, allowUnused: true })
      .flatMap((g) => (g ? [g.mul(irregular(g)).sum()] : []))
      .reduce((sum, g) => sum.add(g), y.newFrom([0], []));
  };
  return gradcheck(firstOrder, inputs, options);
}

/** Weights like `y` without symmetry: a plain sum would hide every error that adds up to 0. */
const irregular = (y: Tensor): Tensor =>
  y.newFrom(
    Float64Array.from({ length: y.size }, (_, i) => Math.cos(1 + 2.4 * i)),
    y.shape,
  );

function checkArguments(call: string, fn: unknown, inputs: readonly unknown[]): void {
  expectArgument(typeof fn === "function", call, "fn", fn, "a function of tensors");
  expectArgument(
    Array.isArray(inputs) && inputs.every(isTensor),
    call,
    "inputs",
    inputs,
    "a list of tensors",
  );
}
