import type { Floats } from "../00-runtime/arrays.ts";

// Attention head by head; rows of q, k, v, y and g hold adjacent numbers. `sizes` lists
//
//   N H Hk T S D E causal masked,
//   then how far apart sequences, heads and rows lie in q, k, v, y, g, dq, dk, dv, mask (rows and columns, too, of the mask).
//
// A query head is number n·H + h, a key head n·Hk + h. Kernels do `count` of them from number `first` on; `cost` is for whoever
// divides the work. Of each query, `stats` keeps the largest score and 1/Σ e^(score − largest): with these a weight can be
// computed again, so no kernel keeps all of them.

/** Places in `sizes`. */
const STRIDES = { q: 9, k: 12, v: 15, y: 18, g: 21, dq: 24, dk: 27, dv: 30, mask: 33 } as const;

/** Where row `i` of head `h` of sequence `n` begins. */
function rowOf(sizes: Int32Array, name: keyof typeof STRIDES, n: number, h: number, i: number): number {
  const at = STRIDES[name];
  return n * sizes[at] + h * sizes[at + 1] + i * sizes[at + 2];
}

function dot(a: Floats, from: number, b: Floats, by: number, length: number): number {
  let sum = 0;
  for (let d = 0; d < length; d++) sum += a[from + d] * b[by + d];
  return sum;
}

/** scale·q·k + mask for every key that the query may see. */
function scoresOf(
  q: Floats,
  k: Floats,
  mask: Floats,
  sizes: Int32Array,
  scale: number,
  n: number,
  h: number,
  i: number,
): Float64Array {
  const [, H, Hk, T, S, D, , causal, masked] = sizes;
  const scores = new Float64Array(causal ? S - T + i + 1 : S);
  for (let j = 0; j < scores.length; j++) {
    const key = rowOf(sizes, "k", n, Math.floor(h / (H / Hk)), j);
    scores[j] = scale * dot(q, rowOf(sizes, "q", n, h, i), k, key, D);
    if (masked) scores[j] += mask[rowOf(sizes, "mask", n, h, i) + j * sizes[STRIDES.mask + 3]];
  }
  return scores;
}

/** y = softmax(scale·q·kᵀ + mask)·v; a query that sees nothing gets 0 */
export function attention(
  q: Floats,
  k: Floats,
  v: Floats,
  mask: Floats,
  y: Floats,
  stats: Floats,
  sizes: Int32Array,
  scale: number,
  first: number,
  count: number,
  _cost: number,
): void {
  const [, H, Hk, T, , , E] = sizes;
  for (let unit = first; unit < first + count; unit++) {
    const [n, h] = [Math.floor(unit / H), unit % H];
    for (let i = 0; i < T; i++) {
      const scores = scoresOf(q, k, mask, sizes, scale, n, h, i);
      const largest = scores.reduce((most, score) => Math.max(most, score), -Infinity);
      const weights = scores.map((score) => (score === -Infinity ? 0 : Math.exp(score - largest)));
      const sum = weights.reduce((total, weight) => total + weight, 0);
      const inverse = sum === 0 ? 0 : 1 / sum;
      stats.set([sum === 0 ? 0 : largest, inverse], 2 * (unit * T + i));
      const to = rowOf(sizes, "y", n, h, i);
      for (let e = 0; e < E; e++) {
        let average = 0;
        weights.forEach((weight, j) => {
          average += weight * v[rowOf(sizes, "v", n, Math.floor(h / (H / Hk)), j) + e];
        });
        y[to + e] = average * inverse;
      }
    }
  }
}

/**
 * With weights p and the gradient g of y: dv_j = Σ_i p_ij·g_i, dp_ij = g_i·v_j, ds_ij = p_ij·(dp_ij − g_i·y_i)·scale,
 * dq_i = Σ_j ds_ij·k_j, dk_j = Σ_i ds_ij·q_i. A key head sums over all query heads that share it.
 */
export function attentionGrad(
  q: Floats,
  k: Floats,
  v: Floats,
  mask: Floats,
  y: Floats,
  stats: Floats,
  g: Floats,
  dq: Floats,
  dk: Floats,
  dv: Floats,
  sizes: Int32Array,
  scale: number,
  first: number,
  count: number,
  _cost: number,
): void {
  const [, H, Hk, T, S, D, E] = sizes;
  const group = H / Hk;
  for (let unit = first; unit < first + count; unit++) {
    const [n, hk] = [Math.floor(unit / Hk), unit % Hk];
    for (let j = 0; j < S; j++) {
      dk.fill(0, rowOf(sizes, "dk", n, hk, j), rowOf(sizes, "dk", n, hk, j) + D);
      dv.fill(0, rowOf(sizes, "dv", n, hk, j), rowOf(sizes, "dv", n, hk, j) + E);
    }
    for (let h = hk * group; h < (hk + 1) * group; h++) {
      for (let i = 0; i < T; i++) {
        const row = (name: keyof typeof STRIDES) => rowOf(sizes, name, n, h, i);
        const [largest, inverse] = stats.subarray(2 * ((n * H + h) * T + i));
        const delta = dot(g, row("g"), y, row("y"), E);
        dq.fill(0, row("dq"), row("dq") + D);
        scoresOf(q, k, mask, sizes, scale, n, h, i).forEach((score, j) => {
          const key = (name: keyof typeof STRIDES) => rowOf(sizes, name, n, hk, j);
          const weight = score === -Infinity ? 0 : Math.exp(score - largest) * inverse;
          const slope = weight * (dot(g, row("g"), v, key("v"), E) - delta) * scale;
          for (let e = 0; e < E; e++) dv[key("dv") + e] += weight * g[row("g") + e];
          for (let d = 0; d < D; d++) dq[row("dq") + d] += slope * k[key("k") + d];
          for (let d = 0; d < D; d++) dk[key("dk") + d] += slope * q[row("q") + d];
        });
      }
    }
  }
}
