/** What a row of the table computes, and how its gradient flows back. */
export interface Formula {
  readonly formula: string;
  /** With g for the gradient of the result; null where nothing flows back. */
  readonly gradient: string | null;
  /** Whether `formula-language.ts` evaluates them as they are printed; else they are words, for people only. */
  readonly evaluated: boolean;
}

type Rules = Readonly<Record<string, readonly [formula: string, gradient: string | null]>>;

const SUMMED = "summed over dims that were stretched";
const SIGMA = "with σ(x) = 1/(1 + e⁻ˣ)";
const HELD = "with d = x − y, c = min(max(d, −delta), delta)";
const GAUSS = "with Φ(x) = (1 + erf(x/√2))/2, φ(x) = e^(−x²/2)/√(2·π)";
const CUBE = "with u = √(2/π)·(x + 0.044715·x³), u′ = √(2/π)·(1 + 3·0.044715·x²)";

const ARITHMETIC: Rules = {
  add: ["y = a + b", `a: g; b: g — ${SUMMED}`],
  sub: ["y = a − b", `a: g; b: −g — ${SUMMED}`],
  mul: ["y = a·b", `a: g·b; b: g·a — ${SUMMED}`],
  div: ["y = a/b", `a: g/b; b: −g·a/b² — ${SUMMED}`],
  pow: ["y = aᵇ", "a: g·b·aᵇ⁻¹ — 0 at 0⁰; b: g·aᵇ·ln a — 0 where a = 0 and b ≥ 0"],
  maximum: [
    "y = max(a, b)",
    "a: g where a > b, g/2 where a = b, else 0; b: g where b > a, g/2 where a = b, else 0",
  ],
  minimum: [
    "y = min(a, b)",
    "a: g where a < b, g/2 where a = b, else 0; b: g where b < a, g/2 where a = b, else 0",
  ],
  where: ["y = b where a, else c", "b: g where a, else 0; c: 0 where a, else g"],
  eq: ["y = (a = b)", null],
  ne: ["y = (a ≠ b)", null],
  lt: ["y = (a < b)", null],
  le: ["y = (a ≤ b)", null],
  gt: ["y = (a > b)", null],
  ge: ["y = (a ≥ b)", null],
  logicalAnd: ["y = a ∧ b", null],
  logicalOr: ["y = a ∨ b", null],
  logicalXor: ["y = a ⊕ b", null],
  logicalNot: ["y = ¬x", null],
};

const ELEMENTWISE: Rules = {
  neg: ["y = −x", "−g"],
  abs: ["y = |x|", "g·sign(x) — 0 at 0"],
  square: ["y = x²", "2·g·x"],
  reciprocal: ["y = 1/x", "−g·y²"],
  sqrt: ["y = √x", "g/(2·y)"],
  rsqrt: ["y = 1/√x", "−g·y³/2"],
  exp: ["y = eˣ", "g·y"],
  expm1: ["y = eˣ − 1", "g·(y + 1)"],
  log: ["y = ln x", "g/x"],
  log1p: ["y = ln(1 + x)", "g/(1 + x)"],
  sin: ["y = sin x", "g·cos x"],
  cos: ["y = cos x", "−g·sin x"],
  sign: ["y = −1 where x < 0, 1 where x > 0, else 0", "0"],
  floor: ["y = ⌊x⌋", "0"],
  ceil: ["y = ⌈x⌉", "0"],
  round: ["y = round x — the nearest whole number, the even one from halfway", "0"],
  relu: ["y = max(x, 0)", "g where x > 0, else 0"],
  sigmoid: [`y = σ(x) ${SIGMA}`, "g·y·(1 − y)"],
  tanh: ["y = tanh x", "g·(1 − y²)"],
  silu: [`y = x·σ(x) ${SIGMA}`, `g·σ(x)·(1 + x·(1 − σ(x))) ${SIGMA}`],
  erf: ["y = erf x — 2/√π · ∫₀ˣ e^(−t²) dt", "g·2/√π·e^(−x²)"],
  gelu: [`y = x·Φ(x) ${GAUSS}`, `g·(Φ(x) + x·φ(x)) ${GAUSS}`],
  geluTanh: [`y = x·(1 + tanh u)/2 ${CUBE}`, `g·((1 + tanh u)/2 + x·(1 − tanh² u)/2·u′) ${CUBE}`],
  leakyRelu: ["y = x where x > 0, else negativeSlope·x", "g where x > 0, else g·negativeSlope"],
  elu: ["y = x where x > 0, else alpha·(eˣ − 1)", "g where x > 0, else g·alpha·eˣ"],
  softplus: [
    "y = x where beta·x > threshold, else ln(1 + e^(beta·x))/beta",
    `g where beta·x > threshold, else g·σ(beta·x) ${SIGMA}`,
  ],
  clamp: ["y = min(max(x, −1), 1.5)", "g where (−1 ≤ x) ∧ (x ≤ 1.5), else 0"],
  detach: ["y = x — cut off from the graph", null],
  to: ["y = x — in another dtype", "g — in the dtype of x"],
};

const FIRST_BEST = "g where x = y, else 0 — of several that tie the first one";
const SHARED = "g·(x = y)/Σ (x = y) — shared by all that tie";

const REDUCTIONS: Rules = {
  sum: ["y = Σ x", "g — to every element"],
  mean: ["y = Σ x/n", "g/n — to every element"],
  var: ["y = Σ (x − mean x)²/n — or n − correction", "2·g·(x − mean x)/n"],
  prod: ["y = Π x", "g·y/x — found without a division: the product of all other elements"],
  std: ["y = √(Σ (x − mean x)²/(n − 1))", "g·(x − mean x)/((n − 1)·y) — 0 where y = 0"],
  norm: ["y = √(Σ x²)", "g·x/y — 0 where y = 0"],
  amax: ["y = max x", SHARED],
  amin: ["y = min x", SHARED],
  any: ["y = ⋁ x", null],
  all: ["y = ⋀ x", null],
  logSumExp: ["y = ln Σ eˣ — shifted by max x", "g·eˣ/Σ eˣ"],
  max: ["y = max x — along one dim", FIRST_BEST],
  min: ["y = min x — along one dim", FIRST_BEST],
  "max of all": ["y = max x", SHARED],
  argmax: ["y = the position of the largest, the first one on ties", null],
  argmin: ["y = the position of the smallest, the first one on ties", null],
  softmax: ["y = eˣ/Σ eˣ — along one dim", "y·(g − Σ g·y)"],
  logSoftmax: ["y = x − ln Σ eˣ — along one dim", "g − (Σ g)·eˣ/Σ eˣ"],
  "prod with zeros": ["y = Π x — where some x are 0", "g times the product of all other elements"],
  "norm, p = 1": ["y = Σ |x|", "g·sign(x)"],
  "norm, p = 1.5": ["y = (Σ |x|^1.5)^(1/1.5)", "g·sign(x)·(|x|/y)^0.5"],
  "norm, p = 3": ["y = (Σ |x|³)^(1/3)", "g·sign(x)·(|x|/y)²"],
  "norm, p = Infinity": ["y = max |x + 5|", "g·(|x + 5| = y)/Σ (|x + 5| = y) — all x + 5 are positive"],
  "norm, p = -Infinity": ["y = min |x + 5|", "g·(|x + 5| = y)/Σ (|x + 5| = y) — all x + 5 are positive"],
};

const BACK = "every element of g goes back to where its element came from";
const ADDED = "every element of g is added to the place it came from";

const MOVES: Rules = {
  reshape: ["y = the same elements in another shape", "g in the shape of x"],
  permute: ["y = x with its dims in another order", "g with the order undone"],
  transpose: ["y = x with two dims swapped", "g with them swapped back"],
  expand: ["y = x, repeated along dims of size 1", "Σ g over the stretched dims"],
  slice: ["y = x[start:end:step] along each dim", "g at those places, 0 elsewhere"],
  narrow: ["y = x[start:start + length] along one dim", "g at those places, 0 elsewhere"],
  select: ["y = x[i] along one dim, which goes", "g at i, 0 elsewhere"],
  squeeze: ["y = x without dims of size 1", "g in the shape of x"],
  unsqueeze: ["y = x with one more dim of size 1", "g in the shape of x"],
  flatten: ["y = x with several dims made one", "g in the shape of x"],
  clone: ["y = x — a copy", "g"],
  contiguous: ["y = x, laid out row by row", "g"],
  cat: ["y = a, b, c end to end along one dim", "each gets its part of g"],
  stack: ["y = a and b side by side along a new dim", "each gets its slice of g"],
  cumsum: ["y[i] = Σ x[j] over j ≤ i", "x[j]: Σ g[i] over i ≥ j"],
  flip: ["y[i] = x[n − 1 − i]", "g, turned round again"],
  "flip, several dims": ["y[i] = x[n − 1 − i] in several dims", "g, turned round again"],
  pad: ["y = x with a margin: constant, mirrored, repeated or circular", `${ADDED}; the constant gets none`],
  "pad with a value, or negative": [
    "y = x with a margin of one value, or cut off",
    "g without the margin, 0 where cut off",
  ],
  repeat: ["y = x, tiled", "Σ g over the tiles"],
  split: ["y = the pieces of x along one dim, last piece first", BACK],
  chunk: ["y = two pieces of x along one dim, last piece first", BACK],
  tril: ["y = x on and below a diagonal, 0 above", "g on and below it, 0 above"],
  triu: ["y = x on and above a diagonal, 0 below", "g on and above it, 0 below"],
  sort: ["y = x in order along one dim", BACK],
  topk: ["y = the k best of x along one dim", `${BACK}, 0 elsewhere`],
  argsort: ["y = the positions of x in order", null],
};

const INDEXING: Rules = {
  indexSelect: ["y[i, …] = x[index[i], …]", ADDED],
  indexAdd: ["y = x; y[index[i], …] += source[i, …]", "x: g; source[i, …]: g[index[i], …]"],
  gather: ["y[i, j] = x[index[i, j], j]", ADDED],
  scatterAdd: ["y = x; y[index[i, j], j] += source[i, j]", "x: g; source: g gathered at the index"],
  maskedFill: ["y = value where mask, else x", "0 where mask, else g"],
  "gather, smaller index": ["y[i, j] = x[index[i, j], j], for fewer j than x has", ADDED],
  "scatterAdd, smaller index": [
    "y = x; y[index[i, j], j] += source[i, j], for fewer j than x has",
    "x: g; source: g gathered at the index, 0 beyond the index",
  ],
};

const PRODUCTS: Rules = {
  einsum: ["y = Σ a·b over labels that the result lacks", "a: einsum of g with b; b: einsum of a with g"],
  "einsum of three": [
    "y = Σ a·b·c over labels that the result lacks",
    "each: einsum of g with the other two",
  ],
  "einsum, diagonal": [
    "y = Σ x[i, i, …], a repeated label walks the diagonal",
    "g on the diagonal, 0 elsewhere",
  ],
  matmul: ["y[i, j] = Σₖ a[i, k]·b[k, j]", "a: g·bᵀ; b: aᵀ·g (summed over batch dims that were stretched)"],
  bmm: ["y[n] = a[n]·b[n], matrix by matrix", "a: g·bᵀ; b: aᵀ·g"],
  dot: ["y = Σ a·b", "a: g·b; b: g·a"],
  outer: ["y[i, j] = a[i]·b[j]", "a: Σⱼ g·b; b: Σᵢ g·a"],
  "matmul of a vector": ["y = a·b, a row on the left or a column on the right", "a: g·bᵀ; b: aᵀ·g"],
};

const LAYERS: Rules = {
  Linear: ["y = x·weightᵀ + bias", "x: g·weight; weight: gᵀ·x; bias: Σ g over rows"],
  Dropout: ["y = x·mask/(1 − p)", "g·mask/(1 − p), with the same mask"],
  Sequential: ["y = tanh(x·w₁ᵀ + b₁)·w₂ᵀ", "the chain rule, from the last layer to the first"],
  LayerNorm: [
    "y = x̂·weight + bias, x̂ = (x − mean)/√(var + eps) along the last dims",
    "x: (h − mean h − x̂·mean (h·x̂))/√(var + eps), h = g·weight; weight: Σ g·x̂; bias: Σ g",
  ],
  conv2d: [
    "y[n, o, i, j] = Σ x[n, c, i·s + k·d − p, j·s + l·d − p]·weight[o, c, k, l] over c, k, l",
    "x: g spread over the pixels that its filter saw; weight: x correlated with g",
  ],
  convTranspose2d: [
    "y[n, o, i·s + k·d − p, j·s + l·d − p] = Σ x[n, c, i, j]·weight[c, o, k, l]",
    "x: g correlated with weight; weight: g correlated with x",
  ],
  "conv2d's filter gradient": [
    "y[o, c, k, l] = Σ g[n, o, i, j]·x[n, c, i·s + k·d − p, j·s + l·d − p] over n, i, j",
    "x: g spread with y's gradient as filter; g: x correlated with it",
  ],
  Conv2d: [
    "y = conv2d(pad(x), weight) + bias",
    "as conv2d, through the padding; bias: Σ g over images and pixels",
  ],
  Conv1d: [
    "y[n, o, j] = bias[o] + Σ x[n, c, j·s + l·d − p]·weight[o, c, l] over c, l",
    "as conv2d, of images one pixel high",
  ],
  ConvTranspose2d: [
    "y = convTranspose2d(x, weight) + bias",
    "as convTranspose2d; bias: Σ g over images and pixels",
  ],
  Residual: ["y = x + f(x)", "g + f′(x)ᵀ·g"],
  "random programs": [
    "y = 5 to 15 random operations with fan-out",
    "the chain rule; gradients add where paths meet",
  ],
};

const LOSSES: Rules = {
  mse: ["loss = mean (x − y)²", "x: 2·g·(x − y)/n; y: −2·g·(x − y)/n"],
  crossEntropy: [
    "loss = mean over rows of −ln softmax(logits)[target]",
    "logits: g·(softmax(logits) − onehot(targets))/N",
  ],
  "crossEntropy, decomposed": [
    "loss = mean over rows of −ln p[target], p = softmax(logits)",
    "logits: g·(softmax(logits) − onehot(targets))/N",
  ],
  nll: ["loss = Σ w[target]·(−x[target]) / Σ w[target]", "x: −g·w[target]/Σ w[target] at the target"],
  l1: ["loss = mean |x − y|", "x: g·sign(x − y)/n; y: −g·sign(x − y)/n"],
  huber: [`loss = mean c·(d − c/2) ${HELD}`, `x: g·c/n ${HELD}; y: −g·c/n ${HELD}`],
  bce: ["loss = mean −(y·ln x + (1 − y)·ln(1 − x))", "x: g·(x − y)/(x·(1 − x))/n; y: g·(ln(1 − x) − ln x)/n"],
  bceWithLogits: ["loss = mean (ln(1 + eˣ) − x·y)", `x: g·(σ(x) − y)/n ${SIGMA}; y: −g·x/n`],
  "bceWithLogits, weighted": [
    "loss = mean posWeight·y·ln(1 + e⁻ˣ) + (1 − y)·ln(1 + eˣ)",
    "x: g·((1 − y)·σ(x) − posWeight·y·σ(−x))/n",
  ],
  klDiv: ["loss = mean (y·(ln y − x))", "x: −g·y/n; y: g·(ln y + 1 − x)/n"],
  "klDiv, logTarget": ["loss = mean (e^(y)·(y − x))", "x: −g·e^(y)/n; y: g·e^(y)·(y + 1 − x)/n"],
  "crossEntropy, weighted": [
    "loss = Σ w[target]·(−ln softmax(logits)[target]) / Σ w[target]",
    "logits: g·w[target]·(softmax(logits) − onehot(targets))/Σ w[target]",
  ],
};

const ALL: Rules = {
  ...ARITHMETIC,
  ...ELEMENTWISE,
  ...REDUCTIONS,
  ...MOVES,
  ...INDEXING,
  ...PRODUCTS,
  ...LAYERS,
  ...LOSSES,
};

/** Positions, other shapes, more than one dim: what the notation for numbers does not say. */
const inWords = new Set([
  ...["argmax", "argmin", "prod with zeros"],
  ...Object.keys({ ...MOVES, ...INDEXING, ...PRODUCTS, ...LAYERS, ...LOSSES }),
]);
const evaluated = ["clone", "dot", "mse", "l1", "huber", "bce", "bceWithLogits", "klDiv", "klDiv, logTarget"];
for (const name of evaluated) inWords.delete(name);

/** By the name of the row; a test sees to it that every row has one, and that those that are evaluated are true. */
export const formulas: Readonly<Record<string, Formula>> = Object.fromEntries(
  Object.entries(ALL).map(([name, [formula, gradient]]) => [
    name,
    { formula, gradient, evaluated: !inWords.has(name) },
  ]),
);
