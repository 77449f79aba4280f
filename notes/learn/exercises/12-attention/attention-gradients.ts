import type { Exercise } from "../../exercise.ts";

const p = "const p = weightsOf(q, k, scoring);";
const dp = "const dp = perGroup(g, v.shape, (g) => g.matmul(grouped(v, g).transpose(-2, -1)));";
const ds = "const ds = p.mul(dp.sub(p.mul(dp).sum(-1, { keepDim: true }))).mul(scoring.scale);";

export const attentionGradients: Exercise = {
  id: "attention-gradients",
  title: "Attention: the gradients of q, k and v",
  points: 30,
  part: "implementation",
  kind: "derive",
  source: "tensorgrad/src/12-attention/composed.ts",
  note: "12-attention#the-rule",
  task:
    "First on paper: y = p·v and p = softmax(s), s = scale·q·kᵀ. From g, the gradient of y, find those of v and p. " +
    "Then find that of s. Each pⱼ depends on every score of its row. At last find those of q and k. " +
    "Write the three in tensor operations, so that they can be differentiated again. Return functions: each is called only if it is needed. " +
    "`averaged(w, x)` is w·x and `gathered(w, x, like)` is wᵀ·x, both with shared heads; `perGroup` and `grouped` are as in `weightsOf`.",
  hints: [
    "How does pⱼ change if score i of the same row grows a little, for i = j and for i ≠ j?",
    "∂pⱼ/∂sᵢ = pⱼ·(δᵢⱼ − pᵢ). Put it into Σⱼ dpⱼ·∂pⱼ/∂sᵢ. *Backward* in note 12 has the result.",
    "dv = pᵀ·g; dp = g·vᵀ; ds = p·(dp − Σ p·dp)·scale, the sum over keys; dq = ds·k; dk = dsᵀ·q",
    "p ← weightsOf(q, k, scoring); dp ← perGroup(g, v.shape, g → g times vᵀ); ds ← p times (dp minus the sum of p·dp over the last dim, kept), times scale; return [averaged(ds, k), gathered(ds, q, k), gathered(p, g, v)] as functions",
  ],
  mistakes: [
    {
      name: "softmax taken for a product: Σ g·y forgotten",
      fault: "scaledDotProductAttention: softmax taken for a product: Σ g·y forgotten",
      wrong: [
        p,
        dp,
        "const ds = p.mul(dp).mul(scoring.scale);",
        "return [() => averaged(ds, k), () => gathered(ds, q, k), () => gathered(p, g, v)];",
      ].join("\n"),
      says: "You treat each weight as if only its own score moved it. A larger score takes from all other weights of the row.",
    },
    {
      name: "the scale is missing in the gradient of q",
      fault: "scaledDotProductAttention: the scale is missing in the gradient of q",
      wrong: [
        p,
        dp,
        ds,
        "return [() => averaged(ds.div(scoring.scale), k), () => gathered(ds, q, k), () => gathered(p, g, v)];",
      ].join("\n"),
      says: "The gradient of k is right, that of q is too large. s = scale·q·kᵀ has the factor for both.",
    },
    {
      name: "the sum runs over queries",
      wrong: [
        p,
        dp,
        ds.replace("sum(-1", "sum(-2"),
        "return [() => averaged(ds, k), () => gathered(ds, q, k), () => gathered(p, g, v)];",
      ].join("\n"),
      says: "Your Σ p·dp mixes queries. Softmax works row by row, so the sum runs over the keys of one row.",
    },
    {
      name: "weights not transposed for v",
      wrong: [
        p,
        dp,
        ds,
        "return [() => averaged(ds, k), () => gathered(ds, q, k), () => averaged(p, g)];",
      ].join("\n"),
      says: "Value j gets a part of the gradient of every query that looked at it: its column of p. You have taken the row.",
    },
  ],
};
