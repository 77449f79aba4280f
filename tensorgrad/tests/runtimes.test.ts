import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { fillHeap, RuntimeReport } from "./runtimes.fixture.ts";

/** Runtimes that lack something, each a process of its own: the bundle of the browser in Node with parts taken away. */
const folder = mkdtempSync(join(tmpdir(), "tensorgrad-runtimes-"));
const program = join(folder, "program.mjs");

beforeAll(async () => {
  await build({
    stdin: {
      contents: `import { fillHeap, trainXor } from "./runtimes.fixture.ts";
        import { useKernels } from "../src/entries/runtime.ts";
        const [, , what, kernels] = process.argv;
        if (kernels) useKernels(kernels);
        try { console.log(JSON.stringify({ trainXor, fillHeap }[what]())); } catch (error) { console.log(JSON.stringify(String(error))); }`,
      resolveDir: fileURLToPath(new URL(".", import.meta.url)),
    },
    bundle: true,
    platform: "browser",
    format: "esm",
    target: "es2022",
    outfile: program,
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Lacking {
  readonly flags?: readonly string[];
  /** Runs before the program. */
  readonly first?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly kernels?: string;
  readonly what?: "trainXor" | "fillHeap";
}

function run({
  flags = [],
  first = "",
  environment = {},
  kernels = "",
  what = "trainXor",
}: Lacking = {}): unknown {
  const preload = join(folder, "first.mjs");
  writeFileSync(preload, first);
  const args = [
    ...flags,
    "--import",
    pathToFileURL(preload).href,
    program,
    what,
    ...(kernels ? [kernels] : []),
  ];
  const env = { PATH: process.env.PATH, TENSORGRAD_BLAS: "off", TENSORGRAD_THREADS: "2", ...environment };
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: "utf8", env });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

function report(lacking?: Lacking): RuntimeReport {
  const found = run(lacking);
  if (typeof found === "string") throw new Error(found);
  return found as RuntimeReport;
}
const numbers = ({ losses, weights, product, liveBytes }: RuntimeReport) => ({
  losses,
  weights,
  product,
  liveBytes,
});

const REFUSES = `
  const Right = WebAssembly.Memory;
  WebAssembly.Memory = class extends Right {
    constructor(wanted) { if (wanted.shared) throw new TypeError("no shared memory"); super(wanted); }
  };
  delete globalThis.SharedArrayBuffer;`;
const IGNORES = `
  const Right = WebAssembly.Memory;
  WebAssembly.Memory = class extends Right {
    constructor({ initial, maximum }) { super({ initial, maximum }); }
  };`;

describe("the same run in a runtime", () => {
  let whole: ReturnType<typeof numbers>;
  beforeAll(() => {
    const plain = report();
    expect(plain.shared).toBe(true);
    expect(plain.losses.at(-1)).toBeLessThan(0.01);
    whole = numbers(plain);
  });

  it("without the name SharedArrayBuffer, as a page that is not isolated: one thread, the same bits", () => {
    const found = report({ first: "delete globalThis.SharedArrayBuffer;" });
    expect(found.shared).toBe(true);
    expect(found.threads.working).toBe(1);
    expect(numbers(found)).toEqual(whole);
  });

  it("that refuses shared memory, or ignores the wish: a memory of its own, taken whole, and the same bits", () => {
    for (const first of [REFUSES, IGNORES]) {
      const found = report({ first });
      expect(found.shared).toBe(false);
      expect(found.memoryMB).toBe(1024);
      expect(found.threads.working).toBe(1);
      expect(found.threads.failure).toBe("this runtime has no memory that threads can share");
      expect(numbers(found)).toEqual(whole);
    }
  });

  it("that refuses a memory of 4 GiB: as much as it grants", () => {
    const limited = `const Right = WebAssembly.Memory;
      WebAssembly.Memory = class extends Right {
        constructor(wanted) { if (wanted.maximum > 20_000) throw new RangeError("too large"); super(wanted); }
      };`;
    const found = report({ first: limited });
    expect(found.shared).toBe(true);
    expect(found.memoryMB).toBe(1024);
    expect(numbers(found)).toEqual(whole);
  });

  it("that stops growing long before 4 GiB: an error that says where, and the process works on", () => {
    const flags = ["--wasm-max-mem-pages=4096"]; // 256 MB, but V8 accepts any maximum
    const { message, ...after } = run({ flags, what: "fillHeap" }) as ReturnType<typeof fillHeap>;
    expect(message).toMatch(
      /^HeapError: heap: 7\.6 MB wanted for float32 \[2000000\], 2\d\d MB live in \d+ tensors, the largest \d+ × float32 \[2000000\] \(7\.6 MB each\) — the runtime grants the heap no more than 2\d\d MB; free each step's tensors/,
    );
    expect(after).toEqual({ sum: 2_000_000, liveBytes: 0 });
  });

  it("that grants no memory worth the name: an error that says so", () => {
    const none = `WebAssembly.Memory = class { constructor() { throw new RangeError("could not allocate memory"); } };`;
    expect(() => run({ first: none })).toThrow(
      "heap: the runtime refuses WebAssembly a memory of 64.0 MB — tensors need at least that; raise the limit on this process's memory (ulimit -v, a container's limit)",
    );
  });

  it("without WebAssembly: an error that says so", () => {
    expect(() => run({ first: "delete globalThis.WebAssembly;" })).toThrow(
      "heap: this runtime has no WebAssembly — tensors live in its memory; use Node 20 or later, or a browser where it is switched on",
    );
  });
});

describe.runIf(process.arch === "x64")(
  "on a processor without SSE4.1, where V8 has no WebAssembly SIMD",
  () => {
    const flags = ["--no-enable-sse4-1"];

    it("float32 is refused, naming the requirement", () => {
      expect(run({ flags })).toMatchInlineSnapshot(
        `"TypeError: kernels: this runtime has WebAssembly without SIMD — float32 needs its 128-bit SIMD (Node 16.4, Chrome 91, Firefox 89, Safari 16.4 or later, on a processor with SSE4.1 or NEON); useKernels("reference") from tensorgrad/runtime, or TENSORGRAD_SIMD=off, computes with plain loops, many times slower"`,
      );
      expect(() => run({ flags, kernels: "simd" })).toThrow("this runtime has WebAssembly without SIMD");
    });

    it("the plain loops compute on request", () => {
      const asked = report({ flags, kernels: "reference" });
      expect(asked.level).toBeNull();
      expect(asked.losses.at(-1)).toBeLessThan(0.01);
      const off = report({ flags, environment: { TENSORGRAD_SIMD: "off" } });
      expect(numbers(off)).toEqual(numbers(asked));
    });
  },
);

describe("with the kernels switched off", () => {
  it("a wish for them is answered with the reason", () => {
    expect(() => run({ environment: { TENSORGRAD_SIMD: "off" }, kernels: "simd" })).toThrow(
      'useKernels: "simd" — TENSORGRAD_SIMD=off has switched the kernels off; unset it, or use "reference"',
    );
  });
});
