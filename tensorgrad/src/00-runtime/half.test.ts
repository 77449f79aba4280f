import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decode, encode, type Half, halfBits, halfValue } from "./half.ts";

const all = Uint16Array.from({ length: 65_536 }, (_, bits) => bits);

/** By the hardware: the same sign, exponent and fraction as float32. */
function asFloat32(bits: number, dtype: Half): number {
  const view = new DataView(new ArrayBuffer(4));
  const [sign, rest] = [(bits & 0x8000) << 16, bits & 0x7fff];
  if (dtype === "bfloat16") view.setUint32(0, (bits << 16) >>> 0);
  else if (rest < 0x400) view.setFloat32(0, (sign ? -1 : 1) * (rest / 2 ** 24));
  else
    view.setUint32(
      0,
      (sign | (rest >= 0x7c00 ? 0x7f80_0000 | (rest << 13) : (rest << 13) + (112 << 23))) >>> 0,
    );
  return view.getFloat32(0);
}

describe.each(["float16", "bfloat16"] as const)("%s", (dtype) => {
  const values = Float64Array.from(all, (bits) => halfValue(bits, dtype));
  const infinity = halfBits(Infinity, dtype);

  it("gives all 65,536 patterns their number", () => {
    for (const bits of all) {
      const wanted = asFloat32(bits, dtype);
      if (!Object.is(values[bits], wanted)) expect([bits, values[bits]]).toEqual([bits, wanted]);
    }
  });

  it("gives the numbers that PyTorch 1.13 gives", () => {
    const numbers = Float32Array.from(values.filter((value) => !Number.isNaN(value)));
    expect(createHash("sha256").update(new Uint8Array(numbers.buffer)).digest("hex")).toBe(
      fromPyTorch[dtype],
    );
  });

  it("finds the bits of every number again", () => {
    for (const bits of all) {
      if (Number.isNaN(values[bits])) continue;
      if (halfBits(values[bits], dtype) !== bits) expect([bits, halfBits(values[bits], dtype)]).toBe(bits);
    }
  });

  it("rounds what lies between two neighbours to the nearer one, and half-way to the even one", () => {
    for (let below = 0; below < infinity; below++) {
      const above = below + 1;
      const next = above === infinity ? 2 * values[below] - values[below - 1] : values[above];
      const middle = (values[below] + next) / 2;
      const nudge = middle * 2 ** -52;
      const found = [middle, middle - nudge, middle + nudge, -middle].map((x) => halfBits(x, dtype));
      const even = below % 2 === 0 ? below : above;
      const wanted = [even, below, above, 0x8000 | even];
      if (String(found) !== String(wanted)) expect([middle, found]).toEqual([middle, wanted]);
    }
  });

  it("keeps the payload of every NaN, and makes no ∞ of one", () => {
    const floats = new Float32Array(all.length);
    decode(all, dtype, floats);
    const bits = new Uint16Array(all.length);
    encode(floats, dtype, bits);
    expect(bits.findIndex((pattern, i) => pattern !== all[i])).toBe(-1);
    const low = new Float32Array(Uint32Array.of(0x7f80_0001, 0xff80_0001).buffer);
    encode(low, dtype, bits);
    expect([...bits.subarray(0, 2)].map((pattern) => halfValue(pattern, dtype))).toEqual([NaN, NaN]);
  });
});

it("rounds numbers in float64 once, not by way of float32", () => {
  const x = 1 + 2 ** -11 + 2 ** -40; // float32 has no such digit: there it is a tie, which goes down
  expect(Math.fround(x)).toBe(1 + 2 ** -11);
  expect(halfValue(halfBits(x, "float16"), "float16")).toBe(1 + 2 ** -10);
});

it("rounds no number farther than half a step", () => {
  fc.assert(
    fc.property(fc.double({ min: -65_504, max: 65_504, noNaN: true }), (x) => {
      const y = halfValue(halfBits(x, "float16"), "float16");
      expect(Math.abs(y - x)).toBeLessThanOrEqual(Math.max(Math.abs(x) * 2 ** -11, 2 ** -25));
    }),
  );
});

/** torch.arange(65536) as bits, .float(), without NaN: SHA-256 of the bytes. */
const fromPyTorch = {
  float16: "680bbc22915f61aa1bbfc7265bc3882a6aa42d299bfd2c571807196e5544de2e",
  bfloat16: "ba630f4dd7aba313174b044090cfc5353bc4f587c4f6c2848056051239b777b0",
};
