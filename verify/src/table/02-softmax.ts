import { fromArray } from "tensorgrad";
import { activations } from "tensorgrad/functions";
import * as nn from "tensorgrad/nn";
import { differs } from "../gradients/differs.ts";
import { inForward, inUnary } from "../mutants/plant.ts";
import type { Reference } from "../references/reference.ts";
import { overDim, reduction } from "./builders.ts";
import type { Case } from "./case.ts";
import { anywhere } from "./inputs/domains.ts";

const filled = { domain: anywhere, minRank: 1, minSize: 1 };
const sums = { onnx: reduction } as const;
const { LogSoftmaxRows, SoftmaxRows } = activations;

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

export const title = "Softmax";

export const rows: readonly Case[] = [
  overDim(
    "softmax",
    ["y = eˣ/Σ eˣ — along one dim", "y·(g − Σ g·y)"],
    filled,
    [SoftmaxRows, nn.Softmax],
    (x, dim) => new nn.Softmax(dim).forward(x),
    {
      ...sums,
      reference: softmax,
      faults: [
        inForward(
          "without the shift by the maximum",
          activations.SoftmaxRows,
          (_, [x]) => {
            const e = x.exp();
            return e.div(e.sum(-1, { keepDim: true }));
          },
          "reference",
        ),
        inUnary("without the sum term", activations.SoftmaxRows, (g, _, x) => {
          const e = x.exp();
          return g.mul(e.div(e.sum(-1, { keepDim: true })));
        }),
      ],
    },
  ),
  overDim(
    "logSoftmax",
    ["y = x − ln Σ eˣ — along one dim", "g − (Σ g)·eˣ/Σ eˣ"],
    filled,
    [LogSoftmaxRows, nn.LogSoftmax],
    (x, dim) => new nn.LogSoftmax(dim).forward(x),
    {
      ...sums,
      faults: [
        inUnary("without Σg", activations.LogSoftmaxRows, (g, _, x) => {
          const e = x.exp();
          return g.sub(e.div(e.sum(-1, { keepDim: true })));
        }),
      ],
    },
  ),
];
