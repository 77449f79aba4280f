import { arena, checked, expectArgument, GradientError, show } from "../00-runtime/index.ts";
import { isTensor, type Tensor, withRecording } from "../01-tensor/index.ts";
import type { BackwardOptions } from "./backward.ts";
import { requireDifferentiable, seedFor } from "./checked.ts";
import { release } from "./released.ts";
import { walk } from "./walk.ts";

/** Options of `grad`. */
export interface GradOptions extends BackwardOptions {
  /** The gradient of whatever follows with respect to each output; needed unless outputs are single elements. */
  readonly gradOutputs?: Tensor | readonly Tensor[];
  /** Gives null for an input that the outputs do not depend on, instead of an error. */
  readonly allowUnused?: boolean;
}

type Tensors = Tensor | readonly Tensor[];

/**
 * The gradients of outputs with respect to inputs, returned instead of accumulated: no `grad` changes.
 *
 *   grad(y, [x]) = [Σ_i gradOutputs_i · ∂y_i/∂x]
 *
 * With `{ createGraph: true }` the results can be differentiated again: Hessians, gradient penalties.
 *
 * Shapes    one gradient per input, each of its input's shape and dtype
 * Throws    GradientError if an input does not require a gradient or the outputs do not depend on it, unless
 *           `{ allowUnused: true }`
 */
export function grad(
  outputs: Tensors,
  inputs: Tensors,
  options?: GradOptions & { readonly allowUnused?: false },
): Tensor[];
export function grad(outputs: Tensors, inputs: Tensors, options: GradOptions): (Tensor | null)[];
export function grad(outputs: Tensors, inputs: Tensors, options: GradOptions = {}): (Tensor | null)[] {
  const {
    gradOutputs,
    createGraph = false,
    retainGraph = createGraph,
    allowUnused = false,
  } = checked("grad", options, ["retainGraph", "createGraph", "gradOutputs", "allowUnused"]);
  for (const [name, given] of Object.entries({ outputs, inputs, gradOutputs }))
    expectArgument(
      (name === "gradOutputs" && given === undefined) ||
        isTensor(given) ||
        (Array.isArray(given) && given.every(isTensor)),
      ...(["grad", name, given, "a tensor or a list of tensors"] as const),
    );
  const ys = listOf(outputs);
  const given = gradOutputs === undefined ? [] : listOf(gradOutputs);
  if (given.length !== 0 && given.length !== ys.length) {
    throw new GradientError(
      `grad: ${given.length} gradOutputs for ${ys.length} outputs — one for each is needed`,
    );
  }
  if (!allowUnused) for (const y of ys) requireDifferentiable("grad", y);
  const xs = listOf(inputs);
  const wanted = new Set(xs);
  using pass = createGraph ? null : arena(); // of what is made on the way, only the results are let out
  return withRecording(createGraph ? "gradients" : "off", () => {
    const seeds = ys.map((y, i) => seedFor("grad", y, given[i] ?? null));
    const { found, visited } = walk(ys, seeds, (x) => wanted.has(x), pass);
    if (!retainGraph) release(visited);
    return xs.map((x, i) => {
      const g = found.get(x) ?? (allowUnused ? null : unreachable(x, i));
      return pass && g ? pass.keep(g) : g;
    });
  });
}

const listOf = (tensors: Tensors): readonly Tensor[] => ("storage" in tensors ? [tensors] : tensors);

function unreachable(x: Tensor, index: number): never {
  const why = x.requiresGrad ? "the outputs do not depend on it" : "it does not require a gradient";
  throw new GradientError(
    `grad: input ${index} of shape ${show(x.shape)} has no gradient: ${why} — pass tensors made with ` +
      "{ requiresGrad: true } that were used to compute the outputs, or { allowUnused: true } to get null",
  );
}
