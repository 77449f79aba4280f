import { ShapeError, show } from "../00-runtime/index.ts";
import { broadcastsTo, isTensor, type Shape, type Tensor } from "../01-tensor/index.ts";

const CALL = "scaledDotProductAttention";

/**
 * Throws    ShapeError for operands that do not belong together, or a mask of another shape; TypeError for dtypes that differ;
 *           RangeError for a probability or a factor of no use
 */
export function checkOperands(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  settings: {
    readonly mask: Tensor | null;
    readonly causal: boolean;
    readonly dropoutP: number;
    readonly scale: number;
  },
): void {
  const { mask, causal, dropoutP, scale } = settings;
  checkShapes(q, k, v);
  if (!q.isFloat || k.dtype !== q.dtype || v.dtype !== q.dtype)
    throw new TypeError(
      `${CALL}: q ${q.dtype}, k ${k.dtype}, v ${v.dtype} — all three must be of one float dtype; use x.to("float32")`,
    );
  const [queries, keys] = [q.shape.at(-2) as number, k.shape.at(-2) as number];
  if (causal && queries > keys)
    throw new ShapeError(
      `${CALL}: causal with ${queries} queries for ${keys} keys — the last query stands at the last key, so there are no more queries than keys`,
    );
  if (mask) checkMask(mask, q, keys);
  if (!(dropoutP >= 0 && dropoutP < 1))
    throw new RangeError(`${CALL}: dropoutP = ${dropoutP} — a probability from 0 to below 1`);
  if (!Number.isFinite(scale)) throw new RangeError(`${CALL}: scale = ${scale} — a finite number`);
}

function checkShapes(q: Tensor, k: Tensor, v: Tensor): void {
  const [a, b, c] = [q.shape, k.shape, v.shape];
  if (belong(a, b, c)) return;
  const given = `${CALL}: q ${show(a)}, k ${show(b)}, v ${show(c)}`;
  if (a.length < 2 || b.length !== a.length || c.length !== a.length)
    throw new ShapeError(`${given} — all three have as many dims, at least [T, D]`);
  if (b.at(-1) !== a.at(-1))
    throw new ShapeError(`${given} — queries and keys have one width: the last dim of q and k`);
  if (c.at(-2) !== b.at(-2))
    throw new ShapeError(`${given} — there is one value for each key: the second-to-last dim of k and v`);
  if (!sameLead(a, b, c))
    throw new ShapeError(
      `${given} — the dims before the last three must be equal, and those of k and v before the last two`,
    );
  throw new ShapeError(
    `${given} — ${a.at(-3)} query heads share ${b.at(-3)} key heads: the one count must be a multiple of the other`,
  );
}

/** Whether all is well: then nothing is written down. */
function belong(a: Shape, b: Shape, c: Shape): boolean {
  const n = a.length;
  if (n < 2 || b.length !== n || c.length !== n) return false;
  if (b[n - 1] !== a[n - 1] || c[n - 2] !== b[n - 2]) return false;
  return n === 2 || (sameLead(a, b, c) && divides(b[n - 3], a[n - 3]));
}

function sameLead(a: Shape, b: Shape, c: Shape): boolean {
  const heads = a.length - 3;
  for (let d = 0; d < heads; d++) if (a[d] !== b[d] || a[d] !== c[d]) return false;
  return heads < 0 || c[heads] === b[heads];
}

const divides = (part: number, whole: number): boolean => (part === 0 ? whole === 0 : whole % part === 0);

function checkMask(mask: Tensor, q: Tensor, keys: number): void {
  if (!isTensor(mask)) throw new TypeError(`${CALL}: a mask of type ${typeof mask} — a mask is a tensor`);
  const scores = [...q.shape.slice(0, -1), keys];
  if (mask.dtype !== "bool" && mask.dtype !== q.dtype)
    throw new TypeError(
      `${CALL}: a mask of dtype ${mask.dtype} for scores of ${q.dtype} — bool (true: may be seen), or numbers that are added, of one dtype with q`,
    );
  if (!broadcastsTo(mask.shape, scores))
    throw new ShapeError(
      `${CALL}: a mask of shape ${show(mask.shape)} for scores ${show(scores)} — it must broadcast to [..., queries, keys]`,
    );
}
