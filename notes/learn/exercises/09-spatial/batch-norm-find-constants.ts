import type { Exercise } from "../../exercise.ts";

export const batchNormFindConstants: Exercise = {
  id: "batch-norm-find-constants",
  title: "Find the bug: batch norm that trains badly",
  points: 20,
  part: "implementation",
  kind: "find",
  starts: "statistics taken for constants",
  source: "tensorgrad/src/09-spatial/normalization/batch-norm.reference.ts",
  note: "09-spatial#three-classic-bugs",
  task:
    "This gradient of batch norm is right in evaluation, and wrong in training. Networks still learn with it, only worse. " +
    "`dw` is Σ g·x̂ and `db` is Σ g of each channel, over n numbers; in evaluation both arrive as 0. " +
    "Say in one sentence which dependence the code ignores. Then repair it.",
  hints: [
    "Add 1 to every input of a channel. What happens to the output in training, and what must the gradient say about it?",
    "Mean and variance are computed from x, so x acts through them, too. The docstring above the function has the formula.",
    "dx = w/√(variance + ε)·(g − mean(g) − x̂·mean(g·x̂)), with mean(g) = db/n and mean(g·x̂) = dw/n",
    "for every number: x̂ ← (x − mean)·scale; g ← 0 where relu stopped it; dx ← w·scale·(g − db/n − x̂·dw/n)",
  ],
  mistakes: [
    {
      name: "statistics taken for constants",
      fault: "BatchNorm, training: statistics taken for constants",
      wrong: `for (let c = 0; c < channels; c++) {
  const scale = 1 / Math.sqrt(variance[c] + eps);
  for (let o = 0; o < outer; o++) {
    for (let k = 0, i = (o * channels + c) * inner; k < inner; k++, i++) {
      const normal = (x[i] - shift[c] - rest[c]) * scale;
      const gi = relu && !(normal * w[c] + b[c] > 0) ? 0 : g[i];
      dx[i] = w[c] * scale * gi;
    }
  }
}`,
      says: "Your gradient treats mean and variance as constants. They are made of x, and have a gradient of their own.",
    },
    {
      name: "the variance taken for a constant",
      wrong: `for (let c = 0; c < channels; c++) {
  const scale = 1 / Math.sqrt(variance[c] + eps);
  for (let o = 0; o < outer; o++) {
    for (let k = 0, i = (o * channels + c) * inner; k < inner; k++, i++) {
      const normal = (x[i] - shift[c] - rest[c]) * scale;
      const gi = relu && !(normal * w[c] + b[c] > 0) ? 0 : g[i];
      dx[i] = w[c] * scale * (gi - db[c] / n);
    }
  }
}`,
      says: "The mean's part is there, the variance's is not. Multiply all inputs by 2: the output does not change, so the gradient has nothing along x̂.",
    },
    {
      name: "sums in place of means",
      wrong: `for (let c = 0; c < channels; c++) {
  const scale = 1 / Math.sqrt(variance[c] + eps);
  for (let o = 0; o < outer; o++) {
    for (let k = 0, i = (o * channels + c) * inner; k < inner; k++, i++) {
      const normal = (x[i] - shift[c] - rest[c]) * scale;
      const gi = relu && !(normal * w[c] + b[c] > 0) ? 0 : g[i];
      dx[i] = w[c] * scale * (gi - db[c] - normal * dw[c]);
    }
  }
}`,
      says: "`db` and `dw` are sums over n numbers. The formula has their means.",
    },
  ],
};
