import { type Tensor, tensor } from "tensorgrad";
import type { LayerNorm, Linear, TransformerBlock } from "tensorgrad/nn";
import { attentionLoops } from "./attention-loops.ts";
import { mean, sum } from "./reference.ts";

type Rows = readonly (readonly number[])[];

/** An encoder's block with relu, on one sequence x [T, C] in float64: row by row, head by head; `sees` tells which positions. */
export function encoderLoops(block: TransformerBlock, x: Rows, sees: (j: number) => boolean): number[] {
  const { attention, mlp, attentionNorm, mlpNorm, normFirst } = block;
  const attends = (rows: Rows) => line(attention.out, headsOf(block, rows, sees));
  const thinks = (rows: Rows) =>
    line(
      mlp.down,
      line(mlp.up, rows).map((row) => row.map((value) => Math.max(value, 0))),
    );
  const [first, second] = [attentionNorm, mlpNorm].map(
    (norm) => (rows: Rows) => normed(norm as LayerNorm, rows),
  );
  if (normFirst) {
    const seen = added(x, attends(first(x)));
    return added(seen, thinks(second(seen))).flat();
  }
  const seen = first(added(x, attends(x)));
  return second(added(seen, thinks(seen))).flat();
}

const added = (a: Rows, b: Rows): Rows => a.map((row, t) => row.map((value, c) => value + b[t][c]));

/** x·wᵀ + b */
const line = ({ weight, bias }: Linear, rows: Rows): Rows =>
  rows.map((row) =>
    rowsOf(weight).map((w, o) => sum(row.map((value, i) => value * w[i])) + (bias ? bias.data[o] : 0)),
  );

function normed({ weight, bias, eps }: LayerNorm, rows: Rows): Rows {
  return rows.map((row) => {
    const centre = mean(row);
    const width = Math.sqrt(mean(row.map((value) => (value - centre) ** 2)) + eps);
    return row.map((value, c) => ((value - centre) / width) * at(weight, c, 1) + at(bias, c, 0));
  });
}

const at = (x: Tensor | null, c: number, otherwise: number): number => x?.data[c] ?? otherwise;

const rowsOf = (x: Tensor): Rows =>
  Array.from({ length: x.shape[0] }, (_, r) =>
    Array.from(x.data.subarray(r * x.shape[1], (r + 1) * x.shape[1])),
  );

function headsOf({ attention }: TransformerBlock, rows: Rows, sees: (j: number) => boolean): Rows {
  const { numHeads, q, k, v } = attention;
  const width = rows[0].length / numHeads;
  const lines = [q, k, v].map((one) => line(one, rows));
  const heads = Array.from({ length: numHeads }, (_, h) => {
    const part = (all: Rows) =>
      tensor(
        all.map((row) => row.slice(h * width, (h + 1) * width)),
        { dtype: "float64" },
      );
    const [a, b, c] = lines.map(part);
    return attentionLoops(a, b, c, 1 / Math.sqrt(width), (_, j) => sees(j));
  });
  return rows.map((_, t) => heads.flatMap((head) => head.slice(t * width, (t + 1) * width)));
}
