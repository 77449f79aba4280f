import { afterEach, describe, expect, it, vi } from "vitest";
import {
  heapBase,
  type KernelLevel,
  kernelLevel,
  kernelModule,
  loadKernels,
  SIMD_REQUIREMENT,
  scratchBytes,
} from "./wasm.ts";

/** As large as one thread needs, and a page for what tests write. */
const pages = Math.ceil((heapBase + scratchBytes) / 65_536) + 1;
const memory = () => new WebAssembly.Memory({ initial: pages, maximum: 65_536, shared: true });

describe("loadKernels", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.unstubAllEnvs();
    vi.resetModules();
  });

  it("gives kernels over the memory it was handed", () => {
    const shared = memory();
    const kernels = loadKernels(shared, heapBase);
    const at = heapBase + scratchBytes;
    kernels?.fill(at, 5, 1.5);
    expect([...new Float32Array(shared.buffer, at, 6)]).toEqual([1.5, 1.5, 1.5, 1.5, 1.5, 0]);
  });

  it("keeps low memory for constants and scratch, on cache lines", () => {
    expect(heapBase % 64).toBe(0);
    expect(scratchBytes % 64).toBe(0);
    expect(heapBase).toBeLessThan(65_536);
  });

  it("gives null where WebAssembly has no SIMD", async () => {
    vi.stubGlobal("WebAssembly", { ...webAssembly(), Module: WithoutSimd, validate: () => false });
    vi.resetModules();
    const fresh = await import("./wasm.ts");
    expect(fresh.loadKernels(memory(), heapBase)).toBeNull();
  });

  it("takes the build that TENSORGRAD_SIMD names", async () => {
    for (const [setting, level] of [
      ["baseline", "baseline"],
      ["off", null],
      ["", kernelLevel()],
      ["auto", kernelLevel()],
    ] as const) {
      vi.stubEnv("TENSORGRAD_SIMD", setting);
      vi.resetModules();
      const fresh = await import("./wasm.ts");
      expect(fresh.kernelLevel()).toBe(level);
      expect(fresh.loadKernels(memory(), heapBase) === null).toBe(level === null);
    }
  });

  it("takes the relaxed build by itself where the runtime knows its instructions", async () => {
    vi.stubEnv("TENSORGRAD_SIMD", "");
    expect(kernelLevel()).toBe(kernelModule("relaxed") ? "relaxed" : "baseline");
  });

  it("falls back to the baseline in a runtime without relaxed SIMD", async () => {
    vi.stubGlobal("WebAssembly", { ...webAssembly(), validate: () => false });
    vi.stubEnv("TENSORGRAD_SIMD", "");
    vi.resetModules();
    const fresh = await import("./wasm.ts");
    expect(fresh.kernelLevel()).toBe("baseline");
    expect(fresh.kernelModule("relaxed")).toBeNull();
    vi.stubEnv("TENSORGRAD_SIMD", "relaxed");
    expect(() => fresh.kernelLevel()).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: TENSORGRAD_SIMD: "relaxed" — this runtime or processor has no fused multiply-add (Node 20, Chrome 114 or later have it); use "auto"]`,
    );
  });

  it("falls back to the baseline on a processor that rounds twice", async () => {
    class Instance {
      readonly exports = { a: () => 0 };
    }
    vi.stubGlobal("WebAssembly", { ...webAssembly(), Instance });
    vi.stubEnv("TENSORGRAD_SIMD", "");
    vi.resetModules();
    expect((await import("./wasm.ts")).kernelLevel()).toBe("baseline");
  });

  it("refuses a setting that means nothing", () => {
    vi.stubEnv("TENSORGRAD_SIMD", "avx512");
    expect(() => kernelLevel()).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: TENSORGRAD_SIMD: "avx512" — must be "auto", "relaxed", "baseline" or "off"]`,
    );
  });

  it("rounds once per term in the relaxed build, and twice in the baseline", () => {
    const product = (level: KernelLevel) => {
      const shared = memory();
      const at = heapBase + scratchBytes;
      const numbers = new Float32Array(shared.buffer, at, 64);
      numbers.set([-1, 1 + 2 ** -12], 0);
      numbers.set([1 + 2 ** -11, 1 + 2 ** -12], 16); // −(1 + 2⁻¹¹) + (1 + 2⁻¹²)² = 2⁻²⁴, lost by rounding twice
      loadKernels(shared, heapBase, level)?.gemm(at, at + 64, at + 128, 1, 1, 2, 2, 1, 1, 1, 1, 1, 0);
      return numbers[32];
    };
    expect(product("baseline")).toBe(0);
    if (kernelModule("relaxed")) expect(product("relaxed")).toBe(2 ** -24);
  });

  it("says what is missing then", () => {
    expect(SIMD_REQUIREMENT).toMatchInlineSnapshot(
      `"kernels: this runtime has WebAssembly without SIMD — float32 needs its 128-bit SIMD (Node 16.4, Chrome 91, Firefox 89, Safari 16.4 or later, on a processor with SSE4.1 or NEON); useKernels("reference") from tensorgrad/runtime, or TENSORGRAD_SIMD=off, computes with plain loops, many times slower"`,
    );
  });
});

/** Properties of WebAssembly are not enumerable, so that spreading it would lose them. */
function webAssembly(): object {
  return Object.fromEntries(
    Object.entries(Object.getOwnPropertyDescriptors(WebAssembly)).map(([k, d]) => [k, d.value]),
  );
}

class WithoutSimd {
  constructor() {
    throw new WebAssembly.CompileError("invalid value type 's128', enable with --experimental-wasm-simd");
  }
}
