/** The system's BLAS called directly, through koffi: what the library's own path to it is measured against. */
import { blas } from "tensorgrad/runtime";
import type { Work } from "../cases.ts";
import { floats } from "../contenders/inputs.ts";
import { absent, serve, type Workload } from "../serve.ts";
import { peer } from "./peer.ts";

type Sgemm = (...args: (number | Float32Array)[]) => void;

interface Koffi {
  load(path: string): { func(prototype: string): Sgemm };
}

const { default: koffi } = await peer<{ default: Koffi }>("koffi");

const names: Readonly<Record<string, readonly string[]>> = {
  linux: ["libopenblas.so.0", "libopenblas.so", "libmkl_rt.so.2", "libmkl_rt.so", "libblis.so.4"],
  darwin: [
    "/System/Library/Frameworks/Accelerate.framework/Accelerate",
    "/opt/homebrew/opt/openblas/lib/libopenblas.dylib",
    "/usr/local/opt/openblas/lib/libopenblas.dylib",
  ],
  win32: ["libopenblas.dll", "mkl_rt.2.dll"],
};

const SGEMM =
  "void cblas_sgemm(int order, int transA, int transB, int m, int n, int k, " +
  "float alpha, const float *a, int lda, const float *b, int ldb, float beta, float *c, int ldc)";

/** The library that tensorgrad takes, so that the two can be compared; else the first one that can be loaded. */
function find(): { readonly name: string; readonly sgemm: Sgemm } {
  const known = blas().library?.path;
  const candidates = [...(known ? [known] : []), ...(names[process.platform] ?? [])];
  for (const name of candidates) {
    try {
      return { name, sgemm: koffi.load(name).func(SGEMM) };
    } catch {}
  }
  return absent(`no BLAS found (${candidates.join(", ")}); on Debian: apt-get install libopenblas0-pthread`);
}

const { name, sgemm } = find();
const [ROW_MAJOR, NORMAL, TRANSPOSED] = [101, 111, 112] as const;

function prepare(work: Work, repeat: number): Workload | null {
  if (work.kind !== "gemm") return null;
  const n = work.size;
  const [a, b, c] = [floats(n * n, 1), floats(n * n, 2), new Float32Array(n * n)];
  const [transA, transB] = [...work.layout].map((letter) => (letter === "T" ? TRANSPOSED : NORMAL));
  return {
    run: () => {
      for (let i = 0; i < repeat; i++) sgemm(ROW_MAJOR, transA, transB, n, n, n, 1, a, n, b, n, 0, c, n);
    },
  };
}

await serve(`cblas_sgemm of ${name}`, prepare);
