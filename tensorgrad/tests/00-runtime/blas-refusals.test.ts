import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { WorkerOptions } from "node:worker_threads";
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { blas, onBlasWarning, threads, useBlas, useThreads } from "../../src/00-runtime/index.ts";
import { randn } from "../../src/entries/index.ts";

const folder = mkdtempSync(join(tmpdir(), "tensorgrad-blas-"));
useBlas("auto");
const koffi = !blas().refused.some((line) => line.startsWith("koffi: "));
const able = koffi && process.platform === "linux" && spawnSync("gcc", ["--version"]).status === 0;

const warnings: string[] = [];
beforeEach(() => {
  warnings.length = 0;
  onBlasWarning((message) => warnings.push(message.replaceAll(folder, "…").replace(process.arch, "<arch>")));
});
afterEach(() => {
  useBlas("off");
  vi.restoreAllMocks();
});
afterAll(() => {
  onBlasWarning(console.warn);
  rmSync(folder, { recursive: true });
});

describe.skipIf(!able)(`a library of ours${able ? "" : " (skipped: needs Linux, gcc and koffi)"}`, () => {
  it("is taken if it multiplies right, whoever made it", () => {
    expect(found(compile("right", sgemm()))).toEqual({ name: "BLAS", version: "", core: "" });
    expect(warnings).toEqual([]);
  });

  it("says its version and is held to one thread", () => {
    const threads = join(folder, "threads");
    const mkl = `
      #include <stdio.h>
      #include <string.h>
      void MKL_Set_Num_Threads(int n) { FILE *f = fopen("${threads}", "w"); fprintf(f, "%d", n); fclose(f); }
      void MKL_Get_Version_String(char *text, int size) { strncpy(text, "Intel(R) MKL Version 2024.2 Product", size); }`;
    expect(found(compile("mkl", sgemm() + mkl))).toEqual({ name: "MKL", version: "2024.2", core: "" });
    expect(readFileSync(threads, "utf8")).toBe("1");
  });

  it("is refused if it is no library", () => {
    const path = join(folder, "text.so");
    writeFileSync(
      path,
      "not a library, but a text that is long enough to hold the header of one, or so it should be.",
    );
    expect(found(path)).toBeNull();
    expect(warnings).toMatchInlineSnapshot(`
      [
        "BLAS: …/text.so: it does not load (invalid ELF header) — matrix products run on tensorgrad's own kernels; TENSORGRAD_BLAS=off hides this",
      ]
    `);
  });

  it("is refused if it was built for another processor", () => {
    const path = compile("other", sgemm());
    const bytes = readFileSync(path);
    bytes.writeUInt16LE(bytes.readUInt16LE(18) === 183 ? 62 : 183, 18); // e_machine: AArch64, or x86-64 there
    writeFileSync(path, bytes);
    expect(found(path)).toBeNull();
    expect(warnings).toMatchInlineSnapshot(`
      [
        "BLAS: …/other.so: it does not load on linux <arch> (made for another processor, or a library that it needs is missing) — matrix products run on tensorgrad's own kernels; TENSORGRAD_BLAS=off hides this",
      ]
    `);
  });

  it("is refused if it has no cblas_sgemm", () => {
    expect(found(compile("old", "void sgemm_(void) {}"))).toBeNull();
    expect(warnings).toMatchInlineSnapshot(`
      [
        "BLAS: …/old.so: it has no cblas_sgemm — matrix products run on tensorgrad's own kernels; TENSORGRAD_BLAS=off hides this",
      ]
    `);
  });

  it.each([
    ["drops alpha", sgemm({ alpha: "1" })],
    ["reads C although beta is 0", sgemm({ beta: "beta * *y" })],
    ["takes a transposed matrix as it lies", sgemm({ transA: "0" })],
    ["writes between the rows of C", sgemm({ columns: "ldc" })],
    ["forgets the last of an odd number of products", sgemm({ depth: "(k & ~1)" })],
    ["multiplies in half precision", sgemm({ product: "(float)(_Float16)a[ia] * (float)(_Float16)b[ib]" })],
  ])("is refused if it %s", (fault, source) => {
    expect(found(compile(fault.replaceAll(" ", "-"), source))).toBeNull();
    expect(warnings).toHaveLength(1);
  });

  it("is refused with the first product that is wrong", () => {
    found(compile("wrong", sgemm({ alpha: "1" })));
    expect(warnings).toMatchInlineSnapshot(`
      [
        "BLAS: …/wrong.so: it says -0.07225072383880615 for 0.2401752769947052 in [19, 40] · [40, 34] with alpha -0.5 and beta 2 — matrix products run on tensorgrad's own kernels; TENSORGRAD_BLAS=off hides this",
      ]
    `);
  });

  it("computes nothing once refused, and says so once", () => {
    const [a, b] = [randn([40, 40]), randn([40, 40])];
    useBlas("off");
    const own = a.matmul(b).toArray();
    useBlas(compile("refused", sgemm({ beta: "1" })));
    expect(a.matmul(b).toArray()).toEqual(own);
    expect(a.matmul(b).toArray()).toEqual(own);
    expect(warnings).toHaveLength(1);
  });

  it("is found by every thread, one library after the other, though its built-in port can not be read (as in Deno)", async () => {
    const blind = `{
      const threads = require("node:worker_threads");
      const { parentPort, receiveMessageOnPort: receive } = threads;
      threads.receiveMessageOnPort = (port) => {
        if (port === parentPort) throw new TypeError("not a port that can be read");
        return receive(port);
      };
    }`;
    const threadsModule = process.getBuiltinModule("node:worker_threads");
    class Blind extends threadsModule.Worker {
      constructor(source: string, options: WorkerOptions) {
        super(blind + source, options);
      }
    }
    const builtin = process.getBuiltinModule;
    vi.spyOn(process, "getBuiltinModule").mockImplementation(((name: string) =>
      name === "node:worker_threads" ? { ...threadsModule, Worker: Blind } : builtin(name)) as never);
    const [a, b] = [randn([260, 256]), randn([256, 256])];
    const product = () => a.matmul(b).toArray();
    const paths = ["first", "second"].map((name) => compile(name, sgemm()));
    useThreads(1);
    useBlas("off");
    const plain = product();
    const expected = paths.map((path) => found(path) && product());
    useThreads(2);
    while (threads().working < 2 && threads().failure === null) {
      product();
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    expect(expected[0]).not.toEqual(plain); // it was the library that computed
    for (const [i, path] of paths.entries()) {
      useBlas(path);
      for (let times = 0; times < 10; times++) expect(product()).toEqual(expected[i]);
    }
    expect(threads()).toEqual({ wanted: 2, working: 2, failure: null });
    useThreads(1);
  });
});

function found(path: string): object | null {
  useBlas(path);
  const { library } = blas();
  return library && { name: library.name, version: library.version, core: library.core };
}

interface Faults {
  readonly alpha?: string;
  readonly beta?: string;
  readonly transA?: string;
  readonly columns?: string;
  readonly depth?: string;
  readonly product?: string;
}

/** A plain `cblas_sgemm` in C, with whatever is wrong with it. */
function sgemm({
  alpha = "alpha",
  beta = "(beta == 0 ? 0 : beta * *y)",
  transA = "transA == 112",
  columns = "n",
  depth = "k",
  product = "a[ia] * b[ib]",
}: Faults = {}): string {
  return `
    void cblas_sgemm(int order, int transA, int transB, int m, int n, int k, float alpha, const float *a, int lda,
                     const float *b, int ldb, float beta, float *c, int ldc) {
      for (int i = 0; i < m; i++) for (int j = 0; j < ${columns}; j++) {
        float *y = c + i * ldc + j, sum = 0;
        for (int p = 0; p < ${depth} && j < n; p++) {
          int ia = ${transA} ? p * lda + i : i * lda + p, ib = transB == 112 ? j * ldb + p : p * ldb + j;
          sum += ${product};
        }
        *y = ${alpha} * sum + ${beta};
      }
    }`;
}

function compile(name: string, source: string): string {
  const [c, so] = [join(folder, `${name}.c`), join(folder, `${name}.so`)];
  writeFileSync(c, source);
  execFileSync("gcc", ["-O1", "-w", "-shared", "-fPIC", "-o", so, c]);
  return so;
}
