import { type Arena, arena, checked, give } from "../00-runtime/index.ts";
import { addInto, Tensor, withRecording } from "../01-tensor/index.ts";
import { requireDifferentiable, seedFor } from "./checked.ts";
import { release } from "./released.ts";
import { walk } from "./walk.ts";

/** Options of `Tensor.backward`. */
export interface BackwardOptions {
  /** Keep the graph for another backward. */
  readonly retainGraph?: boolean;
  /** Record how the gradients are computed, so that they can be differentiated in turn. Keeps the graph, too. */
  readonly createGraph?: boolean;
}

declare module "../01-tensor/tensor.ts" {
  interface Tensor {
    /**
     * Computes the gradient of this tensor with respect to every leaf that requires one, and adds it to the
     * leaf's `grad`.
     *
     * `gradient` is the gradient of whatever follows with respect to this tensor, of the same shape; a single element
     * has the implicit gradient 1. The graph is released afterwards unless `{ retainGraph: true }`.
     *
     * Cost      about twice the flops of the forward pass
     * Throws    GradientError if nothing requires a gradient, if the graph was released before, or if a gradient
     *           is due and none was given; then no `grad` was changed
     */
    backward(gradient?: Tensor | null, options?: BackwardOptions): void;
  }
}

Tensor.prototype.backward = function backward(gradient = null, options = {}) {
  const { createGraph = false, retainGraph = createGraph } = checked("backward", options, [
    "createGraph",
    "retainGraph",
  ]);
  requireDifferentiable("backward", this);
  // What the pass makes on its way ends with it; only leaves' gradients are let out.
  using pass = createGraph ? null : arena();
  withRecording(createGraph ? "gradients" : "off", () => {
    const seeds = [seedFor("backward", this, gradient)];
    const { found, visited } = walk([this], seeds, (x) => x.isLeaf || x.retainsGrad, pass);
    for (const [tensor, g] of found) accumulate(tensor, g, pass);
    if (!retainGraph) release(visited);
  });
};

// exercise: autograd-accumulate
/** Adds g to a leaf's gradient: in place where that is safe, so that `grad` stays the same tensor. */
function accumulate(leaf: Tensor, g: Tensor, pass: Arena | null): void {
  if (leaf.grad && pass && leaf.grad.isLeaf && leaf.grad.isContiguous()) {
    addInto(g.contiguous(), leaf.grad);
    leaf.grad.storage.version++;
    return;
  }
  const total = leaf.grad ? leaf.grad.add(g) : unshared(g, pass);
  give(total.storage, leaf.storage.owner ?? null); // a gradient lives as long as its parameter
  leaf.grad = total;
}

/** A gradient that nobody else holds: not the caller's own tensor, not another leaf's, not a view. */
function unshared(g: Tensor, pass: Arena | null): Tensor {
  const ours = pass ? pass.owns(g) : !g.isLeaf;
  return ours && g.isContiguous() && g.storage.size === g.size ? g : g.clone();
}
