import { afterEach, describe, expect, it, vi } from "vitest";
import { heapBase, loadKernels, SIMD_REQUIREMENT, scratchBytes } from "./wasm.ts";

const memory = () => new WebAssembly.Memory({ initial: 16, maximum: 65_536, shared: true });

describe("loadKernels", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
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
    vi.stubGlobal("WebAssembly", { ...webAssembly(), Module: WithoutSimd });
    vi.resetModules();
    const fresh = await import("./wasm.ts");
    expect(fresh.loadKernels(memory(), heapBase)).toBeNull();
  });

  it("says what is missing then", () => {
    expect(SIMD_REQUIREMENT).toMatchInlineSnapshot(
      `"WebAssembly without SIMD: the fast kernels need 128-bit SIMD and shared memory (Node 16.4, Chrome 91, Firefox 89, Safari 16.4 or later); the reference kernels run everywhere"`,
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
