import type { Exercise } from "../../exercise.ts";

export const exercise: Exercise = {
  id: "layers-affine",
  title: "x·wᵀ + b",
  kind: "write",
  points: 20,
  part: "implementation",
  source: "tensorgrad/src/03-layers/linear.ts",
  note: "03-layers#the-rule",
  task: "Write the forward pass of a dense layer: y = x·wᵀ + b with x [N, in], w [out, in] and b [out]; b may be missing. Keep x and w in `this.#x` and `this.#w`: the rule needs both. `x.matmul(w.t())` and `add` will do. Our own solution lays the bias down first and lets the product add to it, which saves one pass over memory.",
  hints: [
    "Which shape has x·wᵀ? To which of its dims does b belong?",
    "w has one row per output, so it must be transposed. The bias broadcasts over the rows of x.",
    "[N, in] · [in, out] + [out] → [N, out]",
    "keep x and w; product ← x.matmul(w.t()); return b ? product.add(b) : product",
  ],
  mistakes: [
    {
      name: "the weight is not transposed",
      wrong: `    [this.#x, this.#w] = [x, w];
    const product = x.matmul(w);
    return b ? product.add(b) : product;`,
      says: "Square weights hide it. A row of w belongs to one output: each output is a row of w times x.",
    },
    {
      name: "the bias is missing",
      wrong: `    [this.#x, this.#w] = [x, w];
    const product = x.matmul(w.t());
    return b ? product.add(b.mul(0)) : product;`,
      says: "For x = 0 the result must be b.",
    },
    {
      name: "the bias is added along the rows",
      wrong: `    [this.#x, this.#w] = [x, w];
    const product = x.matmul(w.t());
    return b ? product.t().add(b.expand([product.shape[1], b.size])).t() : product;`,
      says: "Each example got a bias of its own. There is one number per output.",
    },
    {
      name: "nothing is kept for backward",
      wrong: `    const product = x.matmul(w.t());
    return b ? product.add(b) : product;
    // this.#x and this.#w stay as they were`,
      says: "The result is right, but the rule finds no x and no w. Keep both before you compute.",
    },
  ],
};
