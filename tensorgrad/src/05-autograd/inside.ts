import {
  Function,
  type Gradient,
  isRecording,
  node,
  type Tensor,
  withRecording,
} from "../01-tensor/index.ts";
import { grad } from "./grad.ts";
import { walk } from "./walk.ts";

/** The same tensor under another name: where a walk ends that a second one takes up again. */
class Alias extends Function {
  forward(x: Tensor): Tensor {
    return x;
  }
  backward(g: Tensor): Gradient[] {
    return [g];
  }
  override onnx() {
    return node("Identity");
  }
}

/**
 * The backward rule of an operation whose forward pass is `fn`, computed once more and differentiated: gradients of the inputs,
 * then of the leaves that `fn` captured. While operations are recorded, the gradients can be differentiated again.
 *
 * What the inputs were computed from belongs to the walk outside. So this one ends at the inputs, although one of them may
 * have been computed from another, or be given twice.
 */
export function gradientsInside(
  fn: (...inputs: Tensor[]) => Tensor,
  inputs: readonly Tensor[],
  captured: readonly Tensor[],
  g: Tensor,
): (Tensor | null)[] {
  const createGraph = isRecording();
  const given = inputs.map((x) => (createGraph ? new Alias().apply(x) : leafLike(x)));
  const y = withRecording("gradients", () => fn(...given));
  const all = [...given, ...captured];
  const wanted = all.filter((x) => x.requiresGrad);
  // An input may pass by unused: its other uses have gradients of their own.
  const found = createGraph
    ? recorded(y, g, new Set(wanted), new Set(given))
    : new Map(grad(y, wanted, { gradOutputs: g, allowUnused: true }).map((dx, i) => [wanted[i], dx]));
  return all.map((x) => found.get(x) ?? null);
}

const recorded = (y: Tensor, g: Tensor, wanted: ReadonlySet<Tensor>, ends: ReadonlySet<Tensor>) =>
  withRecording("gradients", () => {
    const isWanted = (x: Tensor) => wanted.has(x);
    return walk([y], [g], isWanted, null, (x) => ends.has(x)).found;
  });

export function leafLike(x: Tensor): Tensor {
  const leaf = x.detach();
  if (x.requiresGrad) leaf.requiresGrad = true;
  return leaf;
}
