import { type DType, type Function, noGrad, type Tensor } from "tensorgrad";
import { recordAll } from "tensorgrad/runtime";
import type { Example } from "./evaluate.ts";

/** What an operation did with inputs in 16 bits. */
export interface HalfReport {
  /** The error's message, where it refused them. */
  readonly refusal: string | null;
  readonly dtype: DType | null;
  /** Whether it is one operation that computes: then its result is that of float32, rounded once. */
  readonly single: boolean;
  /** The largest difference from the same in float32, in last places of the 16 bits of its largest element. */
  readonly places: number;
}

/** Runs an example with its float inputs rounded to 16 bits, and beside it with the same numbers in float32. */
export function inHalves({ inputs, run }: Example, half: "float16" | "bfloat16"): HalfReport {
  const rounded = inputs.map((x) => (x.isFloat ? x.detach().to(half) : x));
  const truth = noGrad(() => run(...rounded.map((x) => (x.isFloat ? x.to("float32") : x))));
  let y: Tensor;
  try {
    y = recordAll(() => run(...rounded));
  } catch (error) {
    return { refusal: (error as Error).message, dtype: null, single: false, places: 0 };
  }
  const computing = operationsBehind(y).filter((fn) => !fn.movesBits);
  return {
    refusal: null,
    dtype: y.dtype,
    single: computing.length === 1,
    places: y.isFloat ? distance(y, truth.to(y.dtype), half) : differing(y, truth),
  };
}

function operationsBehind(y: Tensor): Function[] {
  const found = new Set<Function>();
  const open = [y];
  for (let x = open.pop(); x; x = open.pop()) {
    if (x.gradFn === null || found.has(x.gradFn)) continue;
    found.add(x.gradFn);
    open.push(...x.gradFn.prev);
  }
  return [...found];
}

/** In last places of the largest finite element; ∞ where a NaN or ∞ is missing. */
function distance(y: Tensor, truth: Tensor, half: "float16" | "bfloat16"): number {
  const [a, b] = [y, truth].map((x) => Array.from(x.data));
  const largest = Math.max(0, ...b.filter(Number.isFinite).map(Math.abs));
  const place = largest * (half === "bfloat16" ? 2 ** -8 : 2 ** -11);
  let worst = 0;
  for (let i = 0; i < a.length; i++)
    if (!Object.is(a[i], b[i]) && a[i] !== b[i])
      worst = Math.max(
        worst,
        Number.isFinite(a[i]) && Number.isFinite(b[i]) ? Math.abs(a[i] - b[i]) / place : Infinity,
      );
  return worst;
}

const differing = (y: Tensor, truth: Tensor): number =>
  y.data.some((value: number, i: number) => value !== truth.data[i]) ? Infinity : 0;
