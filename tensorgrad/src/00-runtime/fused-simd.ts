// A module of one function `a`: whether (1 + 2⁻¹²)² − (1 + 2⁻¹¹) is 2⁻²⁴ in f32x4.relaxed_madd, or lost by rounding twice.
const PROBE = Uint8Array.of(
  ...[
    0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7f, 0x03, 0x02,
    0x01,
  ],
  ...[
    0x00, 0x07, 0x05, 0x01, 0x01, 0x61, 0x00, 0x00, 0x0a, 0x25, 0x01, 0x23, 0x00, 0x43, 0x00, 0x08, 0x80,
    0x3f,
  ],
  ...[
    0xfd, 0x13, 0x43, 0x00, 0x08, 0x80, 0x3f, 0xfd, 0x13, 0x43, 0x00, 0x10, 0x80, 0xbf, 0xfd, 0x13, 0xfd,
    0x85,
  ],
  ...[0x02, 0xfd, 0x1f, 0x00, 0x43, 0x00, 0x00, 0x00, 0x00, 0x5c, 0x0b],
);
let fused: boolean | null = null;

/** Whether relaxed SIMD is there, on a processor that rounds once: the kernels of that build rely on it. */
export function hasFusedSimd(): boolean {
  fused ??=
    (WebAssembly.validate(PROBE) || (unlockRelaxedSimd() && WebAssembly.validate(PROBE))) && runsFused();
  return fused;
}

function runsFused(): boolean {
  const { a } = new WebAssembly.Instance(new WebAssembly.Module(PROBE)).exports as { a: () => number };
  return a() === 1;
}

/** Node 20 knows relaxed SIMD as well, but only if V8 is told to before it compiles. */
function unlockRelaxedSimd(): boolean {
  const old = typeof process !== "undefined" && /^20\./.test(process.versions?.node ?? "");
  // No static import: bundles for the browser contain this file.
  if (old) process.getBuiltinModule?.("node:v8").setFlagsFromString("--experimental-wasm-relaxed-simd");
  return old;
}
