import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytesOf } from "../../../tests/07-training/foreign-files.fixture.ts";
import { FormatError } from "../../00-runtime/index.ts";
import { fromArray, tensor } from "../../01-tensor/index.ts";
import "tensorgrad";
import { decodeNpy, encodeNpy } from "./npy.ts";
import { decodeNpz, encodeNpz } from "./npz.ts";

describe("decodeNpy", () => {
  it("reads what NumPy writes: types, orders, scalars", () => {
    expect(decodeNpy(bytesOf("npy")).toArray()).toEqual([
      [0, 1, 2],
      [3, 4, 5],
    ]);
    const fortran = decodeNpy(bytesOf("npyFortran"));
    expect([fortran.dtype, fortran.shape, Array.from(fortran.data)]).toEqual([
      "float64",
      [2, 3, 4],
      Array.from({ length: 24 }, (_, i) => i),
    ]);
    expect(decodeNpy(bytesOf("npyBig")).toArray()).toEqual([1.5, -2]);
    expect(decodeNpy(bytesOf("npyScalar")).item()).toBe(2.5);
    expect(decodeNpy(bytesOf("npyHalf")).dtype).toBe("float16");
    const [whole, truth] = [decodeNpy(bytesOf("npyLong")), decodeNpy(bytesOf("npyBool"))];
    expect([whole.dtype, whole.toArray(), truth.dtype, truth.toArray()]).toEqual([
      "int32",
      [1, -2, 3],
      "bool",
      [1, 0],
    ]);
  });

  it("undoes encodeNpy, whatever the shape and the type", () => {
    const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 });
    const types = fc.constantFrom("float32", "float64", "float16", "int32", "int8", "uint8", "bool");
    fc.assert(
      fc.property(shapes, types, (shape, dtype) => {
        const size = shape.reduce((product, n) => product * n, 1);
        const x = fromArray(
          Array.from({ length: size }, (_, i) => i % 2),
          shape,
          { dtype } as never,
        );
        const y = decodeNpy(encodeNpy(x));
        expect([y.shape, y.dtype, Array.from(y.data)]).toEqual([x.shape, x.dtype, Array.from(x.data)]);
      }),
    );
  });

  it("says what is no such file, and runs no Python", () => {
    expect(() => decodeNpy(bytesOf("npyObject"))).toThrowErrorMatchingInlineSnapshot(
      `[FormatError: decodeNpy: numbers of type "|O" — known are f8, f4, f2, i8, i4, i2, i1, u8, u4, u2, u1, b1; an array of Python objects would have to run their code]`,
    );
    expect(() => decodeNpy(bytesOf("npyComplex"))).toThrowErrorMatchingInlineSnapshot(
      `[FormatError: decodeNpy: numbers of type "<c16" — known are f8, f4, f2, i8, i4, i2, i1, u8, u4, u2, u1, b1]`,
    );
    expect(() => decodeNpy(Uint8Array.of(1, 2, 3))).toThrowErrorMatchingInlineSnapshot(
      `[FormatError: decodeNpy: no .npy file — it begins with \\x93NUMPY; numpy.save writes one]`,
    );
    const short = bytesOf("npy").slice(0, -1);
    expect(() => decodeNpy(short)).toThrowErrorMatchingInlineSnapshot(
      `[FormatError: decodeNpy: 23 bytes for float32 [2, 3] — that takes 24; the file is cut off, or no such file]`,
    );
  });

  it("refuses every damaged file with an error of its own, or reads numbers", () => {
    const whole = bytesOf("npyFortran");
    const places = fc.array(fc.tuple(fc.nat(127), fc.nat(255)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(places, fc.nat(whole.length), (changes, length) => {
        const bytes = whole.slice(0, Math.max(length, 1));
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
        try {
          decodeNpy(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("encodeNpy", () => {
  it("refuses what NumPy does not have", () => {
    expect(() => encodeNpy(tensor([1], { dtype: "bfloat16" }))).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: encodeNpy: bfloat16 [1] — NumPy has no bfloat16; convert it: t.to("float32")]`,
    );
  });
});

describe("decodeNpz", () => {
  it("reads what NumPy writes, compressed or not, and undoes encodeNpz", () => {
    const { x, y } = decodeNpz(bytesOf("npz"));
    expect([x.toArray(), y.dtype, y.toArray()]).toEqual([[0, 1, 2], "uint8", [1, 0]]);
    const again = decodeNpz(encodeNpz({ x, y }));
    expect([again.x.toArray(), again.y.toArray()]).toEqual([x.toArray(), y.toArray()]);
  });

  it("says what is no archive", () => {
    expect(() => decodeNpz(Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0))).toThrowErrorMatchingInlineSnapshot(
      `[FormatError: decodeNpz: no zip archive, or a damaged one (invalid zip data)]`,
    );
  });
});
