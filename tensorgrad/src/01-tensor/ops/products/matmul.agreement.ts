import { type KernelCall, numbersIn, span, type Uniform } from "../../../agreement/calls.ts";
import { each, type KernelCase } from "../../../agreement/case.ts";

/** Calls of gemm: all transpositions, edges of every size, alpha and beta. */
function* gemmCalls(random: Uniform): Iterable<KernelCall> {
  const sizes = [0, 1, 2, 3, 5, 8, 16, 17, 33];
  for (const m of sizes) {
    for (const n of sizes) {
      for (const k of [0, 1, 4, 7, 65]) yield gemmCall(random, m, n, k, Math.floor(random() * 9));
    }
  }
  for (let layout = 0; layout < 9; layout++) {
    yield gemmCall(random, 37, 50, 400, layout); // two stretches of the summed dim
    yield gemmCall(random, 300, 18, 20, layout); // two blocks of rows
    yield gemmCall(random, 1, 70, 130, layout);
    yield gemmCall(random, 70, 1, 130, layout);
    for (const m of [1, 2, 5, 8]) {
      yield gemmCall(random, m, 1030, 9, layout); // more columns than sums are kept of
      yield gemmCall(random, m, 70, 400, layout);
    }
    yield gemmCall(random, 2, 7, 2100, layout); // dot products in two runs
  }
}

function gemmCall(random: Uniform, m: number, n: number, k: number, layout: number): KernelCall {
  const [aRow, aCol] = [
    [k, 1],
    [1, m],
    [2 * k + 3, 2],
  ][layout % 3];
  const [bRow, bCol] = [
    [n, 1],
    [1, k],
    [2 * n + 1, 2],
  ][Math.floor(layout / 3)];
  const cRow = n + Math.floor(random() * 3);
  const [alpha, beta] = [
    [1, 0],
    [1, 1],
    [-0.5, 2],
  ][Math.floor(random() * 3)];
  const a = numbersIn(random, span(m, k, aRow, aCol));
  const b = numbersIn(random, span(k, n, bRow, bCol));
  const c = numbersIn(random, span(m, n, cRow, 1));
  // beta = 0 must not read C. Only there: the padding between the rows is compared, too.
  if (beta === 0) for (let i = 0; i < m; i++) c.fill(NaN, i * cRow, i * cRow + n);
  return [a, b, c, m, n, k, aRow, aCol, bRow, bCol, cRow, alpha, beta];
}

export const cases: readonly KernelCase[] = [
  ...each("gemm", 8, "400 terms added in sequence, of random sign", gemmCalls, { floor: "absolute values" }),
];
