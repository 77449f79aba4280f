import type { HostArray, Value } from "tensorgrad/onnx";

/** The tolerances of ONNX's own runner of these tests. */
const [RELATIVE, ABSOLUTE] = [1e-3, 1e-7];

const floating = new Set<string>(["float32", "float64", "float16", "bfloat16"]);

/** What is wrong with a result; null if it is the expected one. Whole numbers, truths and strings are equal or wrong. */
export function difference(ours: Value | undefined, expected: Value, where = "output"): string | null {
  if (expected === null) return ours == null ? null : `${where}: a value where nothing is expected`;
  if (!ours) return `${where}: nothing`;
  if ("items" in expected) {
    if (!("items" in ours)) return `${where}: a tensor where a sequence is expected`;
    if (ours.items.length !== expected.items.length)
      return `${where}: ${ours.items.length} elements of a sequence, ${expected.items.length} expected`;
    const faults = expected.items.map((item, i) => difference(ours.items[i], item, `${where}[${i}]`));
    return faults.find((fault) => fault !== null) ?? null;
  }
  if ("items" in ours) return `${where}: a sequence where a tensor is expected`;
  return arrays({ dtype: ours.dtype, shape: ours.shape, data: ours.data }, expected as HostArray, where);
}

function arrays(ours: HostArray, expected: HostArray, where: string): string | null {
  if (ours.dtype !== expected.dtype) return `${where}: ${ours.dtype}, expected ${expected.dtype}`;
  if (ours.shape.length !== expected.shape.length || ours.shape.some((n, d) => n !== expected.shape[d]))
    return `${where}: shape [${ours.shape.join(", ")}], expected [${expected.shape.join(", ")}]`;
  const equal = floating.has(expected.dtype) ? near : (a: unknown, b: unknown) => a === b;
  for (let i = 0; i < expected.data.length; i++) {
    if (equal(ours.data[i], expected.data[i])) continue;
    return `${where}: element ${i} is ${ours.data[i]}, expected ${expected.data[i]}`;
  }
  return null;
}

function near(a: unknown, b: unknown): boolean {
  const [x, y] = [Number(a), Number(b)];
  if (Object.is(x, y) || x === y) return true;
  return Math.abs(x - y) <= ABSOLUTE + RELATIVE * Math.abs(y);
}
