// All kernels: references in `*.reference.ts`, and beside them in `*.agreement.ts` the calls on which both
// implementations are compared. Files are found by their names, so there is no list to extend.

import { readdirSync } from "node:fs";
import { described } from "../00-runtime/product.ts";
import type { Split } from "../00-runtime/split.ts";
import type { KernelCase } from "./case.ts";

export type { KernelCase } from "./case.ts";

type Kernel = (...args: never[]) => void;

/** What a `*.agreement.ts` exports. */
interface Agreement {
  readonly cases?: readonly KernelCase[];
  /** Kernels that stay in TypeScript, with the reason. */
  readonly withoutSimd?: Readonly<Record<string, string>>;
}

const references = await modules<Record<string, Kernel>>("reference");
const rules = await modules<Record<string, Split>>("split");
const agreements = await modules<Agreement>("agreement");

/** All reference kernels by name, called with the arguments of their twins in WebAssembly. */
export const REFERENCES: Readonly<Record<string, Kernel>> = flat(Object.assign({}, ...references));

/** All rules of division between threads by the kernels' names, called the same way. */
export const SPLITS: Readonly<Record<string, Split>> = flat(Object.assign({}, ...rules));

/** `gemm` takes a description where its twin takes a list. */
function flat<F extends (...list: never[]) => unknown>(named: Record<string, F>): Record<string, F> {
  const gemm = named.gemm as unknown as (product: unknown) => unknown;
  return { ...named, gemm: ((...list: number[]) => gemm(described(list))) as unknown as F };
}

/** Kernels that stay in TypeScript, with the reason. */
export const WITHOUT_SIMD: Readonly<Record<string, string>> = Object.assign(
  {},
  ...agreements.map(({ withoutSimd }) => withoutSimd),
);

/** One row per kernel. */
export const kernelCases = (): readonly KernelCase[] => agreements.flatMap(({ cases = [] }) => cases);

/**
 * Every file `*.kind.ts` of the library (`.js` once it is built), imported, in the order of the modules. A division
 * without a reference beside it is a helper.
 */
async function modules<T>(kind: "reference" | "split" | "agreement"): Promise<T[]> {
  const source = new URL("../", import.meta.url);
  const all = readdirSync(source, { encoding: "utf8", recursive: true }).map((file) =>
    file.replaceAll("\\", "/"),
  );
  const files = all
    .filter((file) => file.endsWith(`.${kind}.ts`) || file.endsWith(`.${kind}.js`))
    .filter((file) => kind !== "split" || all.includes(file.replace(".split.", ".reference.")));
  return await Promise.all(files.sort().map(async (file) => (await import(new URL(file, source).href)) as T));
}
