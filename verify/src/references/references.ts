import { fromArray, ones, Random, scope, type Tensor, tensor } from "tensorgrad";
import * as nn from "tensorgrad/nn";
import { differs } from "../gradients/differs.ts";
import { oneSided } from "../gradients/ridders.ts";
import { lossReferences } from "./references-losses.ts";
import { optimizerReferences } from "./references-optimizers.ts";
import { spatialReferences } from "./references-spatial.ts";

/**
 * Finite differences confirm that a wrong gradient matches a wrong forward. So forwards, conventions at kinks and
 * optimizers are held against numbers that come from elsewhere: definitions in plain loops, and values known by heart.
 * Each check returns null, or what is wrong in words.
 */
export type Reference = (random: Random) => string | null;

/** Every element is 0 or 1/(1 − p), and on average they keep the sum. */
const dropout: Reference = (random) => {
  const n = 20_000;
  const y = Array.from(new nn.Dropout(0.25, { random }).forward(ones([n])).data);
  if (!y.every((value) => value === 0 || value === Math.fround(1 / 0.75)))
    return "an element is neither 0 nor 1/(1 − p)";
  const mean = y.reduce((sum, value) => sum + value, 0) / n;
  const deviation = Math.sqrt(0.25 / 0.75 / n);
  return Math.abs(mean - 1) <= 6 * deviation ? null : `the mean of ones becomes ${mean}`;
};

const softmax: Reference = (random) => {
  const x = fromArray([random.normal(), random.normal(), random.normal()], [3], { dtype: "float64" });
  const e = Array.from(x.data, Math.exp);
  const expected = e.map((n) => n / (e[0] + e[1] + e[2]));
  return (
    differs("softmax", nn.softmax(x), expected) ??
    differs("softmax of x + 1000", nn.softmax(x.add(1000)), expected, 1e-10) ??
    differs("logSoftmax of x − 1000", nn.logSoftmax(x.sub(1000)), expected.map(Math.log), 1e-10)
  );
};

/** Equal scores for C classes surprise by ln C; the mean is over rows. */
const crossEntropy: Reference = (random) => {
  const [n, classes] = [2 + random.integer(4), 2 + random.integer(5)];
  const x = fromArray(
    Float64Array.from({ length: n * classes }, () => random.normal()),
    [n, classes],
  );
  const targets = Array.from({ length: n }, () => random.integer(classes));
  const row = (i: number) => Array.from(x.data.slice(i * classes, (i + 1) * classes));
  const losses = targets.map((target, i) => {
    const total = row(i).reduce((sum, value) => sum + Math.exp(value), 0);
    return Math.log(total) - row(i)[target];
  });
  const mean = losses.reduce((a, b) => a + b) / n;
  const equal = nn.crossEntropy(x.mul(0), tensor(targets, { dtype: "int32" }));
  return (
    differs("crossEntropy", nn.crossEntropy(x, tensor(targets, { dtype: "int32" })), [mean]) ??
    differs("crossEntropy of equal scores", equal, [Math.log(classes)])
  );
};

const moments: Reference = (random) => {
  const values = Float64Array.from({ length: 2 + random.integer(8) }, () => random.normal());
  const n = values.length;
  const x = fromArray(values, [n]);
  const mean = values.reduce((a, b) => a + b) / n;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return (
    differs("mean", x.mean(), [mean]) ??
    differs("var", x.var(), [squares / (n - 1)]) ??
    differs("var with correction 0", x.var(undefined, { correction: 0 }), [squares / n]) ??
    differs("mse", nn.mse(x, x.mul(0)), [values.reduce((sum, value) => sum + value * value, 0) / n])
  );
};

const products: Reference = (random) => {
  const [m, k, n] = [1 + random.integer(4), 1 + random.integer(4), 1 + random.integer(4)];
  const matrix = (rows: number, cols: number) =>
    fromArray(
      Float64Array.from({ length: rows * cols }, () => random.normal()),
      [rows, cols],
    );
  const [a, b] = [matrix(m, k), matrix(k, n)];
  const expected = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++)
      for (let l = 0; l < k; l++) expected[i * n + j] += a.data[i * k + l] * b.data[l * n + j];
  }
  return (
    differs("matmul", a.matmul(b), expected) ??
    differs("matmul of transposed", b.t().matmul(a.t()).t(), expected)
  );
};

/** What is a convention and not mathematics: PyTorch's, where there is a choice. */
const kinks: Reference = () => {
  const slope = (run: (x: Tensor) => Tensor, at: number[]) => {
    const x = tensor(at, { dtype: "float64", requiresGrad: true });
    run(x).sum().backward();
    return x.grad ?? x.mul(Number.NaN);
  };
  return (
    differs(
      "relu′(0)",
      slope((x) => x.relu(), [0]),
      [0],
    ) ??
    differs(
      "abs′(0)",
      slope((x) => x.abs(), [0]),
      [0],
    ) ??
    differs(
      "clamp′ at its bounds",
      slope((x) => x.clamp(-1, 1), [-1, 1, 2]),
      [1, 1, 0],
    ) ??
    differs(
      "gradient of tied maxima",
      slope((x) => x.max(0).values, [3, 3, 1]),
      [1, 0, 0],
    ) ??
    differs(
      "gradient of maximum on a tie",
      slope((x) => x.maximum(2), [2]),
      [0.5],
    )
  );
};

/** At a kink, whatever the convention, a gradient lies between the slopes to the left and to the right. */
const brackets: Reference = () => {
  const rows: [name: string, run: (x: Tensor) => Tensor, at: number[]][] = [
    ["relu", (x) => x.relu(), [0, 1, -1]],
    ["abs", (x) => x.abs(), [0, 1]],
    ["clamp", (x) => x.clamp(-1, 1), [-1, 0, 1]],
    ["maximum", (x) => x.maximum(2), [2, 1]],
    ["minimum", (x) => x.minimum(2), [2, 3]],
    ["max", (x) => x.max(0).values, [3, 3, 1]],
    ["amax", (x) => x.amax(0), [3, 3, 1]],
    ["norm", (x) => x.norm(), [0, 0]],
  ];
  for (const [name, run, at] of rows) {
    const x = tensor(at, { dtype: "float64", requiresGrad: true });
    run(x).sum().backward();
    for (const i of at.keys()) {
      const curve = (t: number) =>
        run(tensor(at.with(i, at[i] + t), { dtype: "float64" }))
          .sum()
          .item();
      const { left, right, error } = oneSided(curve);
      const g = x.grad?.data[i] ?? Number.NaN;
      if (!(g >= Math.min(left, right) - error && g <= Math.max(left, right) + error))
        return `${name}: gradient ${g} of element ${i} of [${at}], slopes ${left} to the left, ${right} to the right`;
    }
  }
  return null;
};

/** Values from tables: Abramowitz & Stegun 1964, 7.1 (erf) and 26.2 (normal distribution). */
const tables: Reference = () => {
  const one = tensor([1], { dtype: "float64" });
  return (
    differs("erf(1)", one.erf(), [0.8427007929497149]) ??
    differs("gelu(1)", one.gelu(), [0.8413447460685429]) ??
    differs("sigmoid(1)", one.sigmoid(), [0.7310585786300049]) ??
    differs("tanh(1)", one.tanh(), [0.7615941559557649]) ??
    differs("silu(1)", one.silu(), [0.7310585786300049])
  );
};

export const references: Readonly<Record<string, Reference>> = {
  Dropout: dropout,
  softmax,
  crossEntropy,
  moments,
  products,
  kinks,
  brackets,
  tables,
  ...lossReferences,
  ...spatialReferences,
  ...optimizerReferences,
};

export interface ReferenceResult {
  readonly name: string;
  /** null: right. */
  readonly wrong: string | null;
}

/** Holds the library against one reference; an error is a finding, too. */
export function checkReference(name: string, seed: number): ReferenceResult {
  using _ = scope();
  try {
    return { name, wrong: references[name](new Random(seed)) };
  } catch (error) {
    return { name, wrong: String(error) };
  }
}
