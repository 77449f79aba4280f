import fc from "fast-check";
import { fromArray, heap, Random, randn, scope, type Tensor, tensor, zeros } from "tensorgrad";
import { describe, expect, it } from "vitest";
import { decodeTensors, encodeTensors } from "./safetensors.ts";

describe("encodeTensors", () => {
  it("writes what the format's specification says", () => {
    const bytes = encodeTensors(
      { w: tensor([[1, 2, 3]]), n: tensor(7, { dtype: "int32" }) },
      { format: "pt" },
    );
    const { header, tensors } = parse(bytes);
    expect(header).toEqual({
      __metadata__: { format: "pt" },
      n: { dtype: "I32", shape: [], data_offsets: [0, 4] },
      w: { dtype: "F32", shape: [1, 3], data_offsets: [4, 16] },
    });
    expect(tensors).toEqual({ n: [7], w: [1, 2, 3] });
  });

  it("writes every dtype so that another program reads the same numbers", () => {
    const random = new Random(3);
    const given: Record<string, Tensor> = {
      a: fromArray([true, false, true].map(Number), [3], { dtype: "bool" }),
      b: tensor([-128, 0, 127], { dtype: "int8" }),
      c: tensor([0, 255], { dtype: "uint8" }),
      d: tensor([[-(2 ** 31)], [2 ** 31 - 1]], { dtype: "int32" }),
      e: randn([3, 5], { random }),
      f: randn([2, 2, 2], { random, dtype: "float64" }),
      g: tensor([Number.NaN, Infinity, -0, 1e-45]),
      h: zeros([0, 4]),
      i: tensor(
        [
          [0.1, -65504],
          [6e-8, NaN],
        ],
        { dtype: "float16" },
      ),
      j: tensor([0.1, 1e38, Infinity], { dtype: "bfloat16" }),
    };
    const { tensors, header } = parse(encodeTensors(given));
    for (const [name, x] of Object.entries(given)) {
      expect(tensors[name], name).toEqual(Array.from(x.data));
      expect(header[name]?.shape, name).toEqual([...x.shape]);
    }
  });

  it("puts every tensor at a multiple of its element's size, whatever the names", () => {
    const file = encodeTensors({
      a: tensor([1], { dtype: "uint8" }),
      b: zeros([3]),
      c: zeros([1], { dtype: "float64" }),
    });
    const { header, start } = parse(file);
    expect(start % 8).toBe(0);
    const widths: Record<string, number> = { U8: 1, F32: 4, F64: 8 };
    for (const { dtype, data_offsets } of [header.a, header.b, header.c]) {
      expect((start + data_offsets[0]) % widths[dtype]).toBe(0);
    }
  });

  it("packs a strided tensor row by row", () => {
    const { tensors } = parse(
      encodeTensors({
        t: tensor([
          [1, 2],
          [3, 4],
        ]).t(),
      }),
    );
    expect(tensors.t).toEqual([1, 3, 2, 4]);
  });

  it("depends on the content alone, not on the order of the names", () => {
    const [x, y] = [zeros([2]), tensor([1, 2])];
    expect(encodeTensors({ x, y })).toEqual(encodeTensors({ y, x }));
  });

  it("refuses the reserved name", () => {
    expect(() => encodeTensors({ __metadata__: zeros([1]) })).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: encodeTensors: a tensor named __metadata__ — the format reserves this name]`,
    );
  });
});

describe("decodeTensors", () => {
  it("gives back what was written, to the bit", () => {
    using _ = scope();
    const nan = new Float32Array(new Uint32Array([0x7fc12345, 0xffffffff]).buffer); // NaNs with payloads
    const given = {
      "blocks.0.weight": randn([4, 3]),
      nan: tensor(nan),
      π: tensor([1, 0], { dtype: "bool" }),
    };
    const { tensors, metadata } = decodeTensors(encodeTensors(given, { note: 'a "quoted" { text' }));
    expect(Object.keys(tensors).sort()).toEqual(Object.keys(given).sort());
    for (const [name, x] of Object.entries(given)) {
      expect(tensors[name].dtype).toBe(x.dtype);
      expect(tensors[name].shape).toEqual(x.shape);
      expect(bits(tensors[name])).toEqual(bits(x));
    }
    expect(metadata).toEqual({ note: 'a "quoted" { text' });
  });

  it("reads files whose tensors are not aligned", () => {
    const header = { a: entry("U8", [1], 0, 1), b: entry("F32", [2], 1, 9) };
    const data = new Uint8Array(9);
    data[0] = 5;
    new DataView(data.buffer).setFloat32(1, 1.5, true);
    new DataView(data.buffer).setFloat32(5, -2, true);
    const { tensors } = decodeTensors(file(header, data));
    expect(tensors.a.toArray()).toEqual([5]);
    expect(tensors.b.toArray()).toEqual([1.5, -2]);
  });

  it("reads a file inside a larger buffer, a file without tensors, and keys such as __proto__", () => {
    const bytes = file({ ["__proto__"]: entry("U8", [1], 0, 1) }, new Uint8Array([9]));
    const larger = new Uint8Array(bytes.length + 3);
    larger.set(bytes, 3);
    const { tensors } = decodeTensors(larger.subarray(3));
    expect(Object.entries(tensors).map(([name, x]) => [name, x.toArray()])).toEqual([["__proto__", [9]]]);
    expect(decodeTensors(encodeTensors({}))).toEqual({ tensors: {}, metadata: {} });
  });

  it("reads metadata of many megabytes", () => {
    const text = JSON.stringify(Array.from({ length: 300_000 }, (_, i) => ({ [`"${i}\\`]: "\\" })));
    expect(decodeTensors(encodeTensors({}, { text })).metadata.text).toBe(text);
  });
});

describe("decodeTensors refuses", () => {
  const float = (begin: number, end = begin + 4) => entry("F32", [1], begin, end);
  const one = () => encodeTensors({ w: tensor([1, 2]) });
  const cases: Record<string, () => Uint8Array> = {
    "no bytes": () => new Uint8Array(0),
    "a file of 5 bytes": () => one().subarray(0, 5),
    "a truncated header": () => one().subarray(0, 20),
    "truncated tensors": () => one().subarray(0, one().length - 1),
    "a byte too many": () => Uint8Array.from([...one(), 0]),
    "a header that claims more than 100 MB": () => claiming(100_000_001n),
    "a header that claims 2^64 − 1 bytes": () => claiming(2n ** 64n - 1n),
    "a header that claims less than it has": () => claiming(16n),
    "a header that is not JSON": () => raw("{nonsense}"),
    "a header that is not UTF-8": () => raw(Uint8Array.from([0x7b, 0xff, 0x7d])),
    "a header that is a list": () => raw("[]"),
    "a header that is null": () => raw("null"),
    "a header with leading space": () => raw(" {}"),
    "a tensor that is no object": () => file({ w: 3 }, []),
    "a tensor without offsets": () => file({ w: { dtype: "F32", shape: [1] } }, []),
    "a negative size": () => file({ w: entry("F32", [-1], 0, 4) }, new Uint8Array(4)),
    "a fraction of a size": () => file({ w: entry("F32", [0.5], 0, 2) }, new Uint8Array(2)),
    "sizes beyond all numbers": () =>
      file({ w: entry("F32", Array(40).fill(2 ** 40), 0, 4) }, new Uint8Array(4)),
    "an unknown dtype": () => file({ w: entry("I64", [2], 0, 4) }, new Uint8Array(4)),
    "offsets that do not fit the shape": () => file({ w: float(0, 8) }, new Uint8Array(8)),
    "offsets that run backwards": () => file({ w: float(4, 0) }, new Uint8Array(4)),
    "offsets out of range": () => file({ w: float(0), v: float(4) }, new Uint8Array(4)),
    "overlapping tensors": () => file({ w: float(0), v: float(2) }, new Uint8Array(6)),
    "two tensors in the same bytes": () => file({ w: float(0), v: float(0) }, new Uint8Array(4)),
    "a hole between tensors": () => file({ w: float(0), v: float(8) }, new Uint8Array(12)),
    "a hole at the start": () => file({ w: float(4) }, new Uint8Array(8)),
    "a name twice": () =>
      raw(
        '{"w":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"\\u0077":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}',
      ),
    "a key of a tensor twice": () => raw('{"w":{"dtype":"U8","shape":[0],"shape":[0],"data_offsets":[0,0]}}'),
    "metadata that are not strings": () => file({ __metadata__: { epoch: 3 } }, []),
    "metadata that are a list": () => file({ __metadata__: [] }, []),
  };
  const messages: Record<string, string> = {};
  for (const [name, make] of Object.entries(cases)) {
    it(`${name}, and makes no tensor`, () => {
      using _ = scope();
      const bytes = make();
      const live = heap.live;
      const error = thrown(() => decodeTensors(bytes));
      expect(error.name).toBe("FormatError");
      expect(heap.live).toBe(live);
      messages[name] = error.message;
    });
  }

  it("with messages that say what was given and what is the rule", () => {
    expect(messages).toMatchInlineSnapshot(`
      {
        "a byte too many": "decodeTensors: 1 bytes after the last tensor — there must be no holes",
        "a file of 5 bytes": "decodeTensors: 5 bytes — a safetensors file has at least 8",
        "a fraction of a size": "decodeTensors: tensor "w": {"dtype":"F32","shape":[0.5],"data_offsets":[0,2]} — expected { dtype, shape, data_offsets: [begin, end] }",
        "a header that claims 2^64 − 1 bytes": "decodeTensors: the header claims 18446744073709551615 bytes — at most 100000000 are allowed; this is no safetensors file",
        "a header that claims less than it has": "decodeTensors: the header is not JSON in UTF-8 — expected a JSON object; this is no safetensors file",
        "a header that claims more than 100 MB": "decodeTensors: the header claims 100000001 bytes — at most 100000000 are allowed; this is no safetensors file",
        "a header that is a list": "decodeTensors: the header is a list — expected a JSON object; this is no safetensors file",
        "a header that is not JSON": "decodeTensors: the header is not JSON in UTF-8 — expected a JSON object; this is no safetensors file",
        "a header that is not UTF-8": "decodeTensors: the header is not JSON in UTF-8 — expected a JSON object; this is no safetensors file",
        "a header that is null": "decodeTensors: the header is null — expected a JSON object; this is no safetensors file",
        "a header with leading space": "decodeTensors: the header begins with white space — expected a JSON object; this is no safetensors file",
        "a hole at the start": "decodeTensors: tensor "w" has bytes 4 to 8, the header ends at 0 — there must be no holes",
        "a hole between tensors": "decodeTensors: tensor "v" has bytes 8 to 12, tensor "w" ends at 4 — there must be no holes",
        "a key of a tensor twice": "decodeTensors: the header has the key "shape" twice — names must be unique",
        "a name twice": "decodeTensors: the header has the key "w" twice — names must be unique",
        "a negative size": "decodeTensors: tensor "w": {"dtype":"F32","shape":[-1],"data_offsets":[0,4]} — expected { dtype, shape, data_offsets: [begin, end] }",
        "a tensor that is no object": "decodeTensors: tensor "w": 3 — expected { dtype, shape, data_offsets: [begin, end] }",
        "a tensor without offsets": "decodeTensors: tensor "w": {"dtype":"F32","shape":[1]} — expected { dtype, shape, data_offsets: [begin, end] }",
        "a truncated header": "decodeTensors: the header claims 56 bytes, 12 are left — the file is truncated, or no safetensors file",
        "an unknown dtype": "decodeTensors: tensor "w": dtype "I64" — one of F64, F32, BF16, F16, I32, I8, U8, BOOL is read; convert it before saving",
        "metadata that are a list": "decodeTensors: metadata "__metadata__" is [] — metadata are strings by name",
        "metadata that are not strings": "decodeTensors: metadata "epoch" is 3 — metadata are strings by name",
        "no bytes": "decodeTensors: 0 bytes — a safetensors file has at least 8",
        "offsets out of range": "decodeTensors: tensor "v" has bytes 4 to 8, the file has 4 of them — the file is truncated",
        "offsets that do not fit the shape": "decodeTensors: tensor "w": 8 bytes (0 to 8) — F32 [1] takes 4",
        "offsets that run backwards": "decodeTensors: tensor "w": -4 bytes (4 to 0) — F32 [1] takes 4",
        "overlapping tensors": "decodeTensors: tensor "v" has bytes 2 to 6, tensor "w" ends at 4 — tensors must not overlap",
        "sizes beyond all numbers": "decodeTensors: tensor "w": 4 bytes (0 to 4) — F32 [1099511627776, 1099511627776, 1099511627776, 1099511627776, 1099511627776, 1099511627776, 109951162… takes Infinity",
        "truncated tensors": "decodeTensors: tensor "w" has bytes 0 to 8, the file has 7 of them — the file is truncated",
        "two tensors in the same bytes": "decodeTensors: tensor "v" has bytes 0 to 4, tensor "w" ends at 4 — tensors must not overlap",
      }
    `);
  });
});

describe("whatever is written", () => {
  it("can be read again and is the same, or was refused", () => {
    const text = fc.string({ unit: "binary", maxLength: 6 }); // halves of surrogate pairs as well
    const name = fc.oneof(text, fc.constantFrom("__proto__", "__metadata__", "", "0"));
    const values = fc.oneof(
      { arbitrary: text, weight: 5 },
      { arbitrary: fc.anything({ maxDepth: 1 }), weight: 1 },
    );
    fc.assert(
      fc.property(fc.dictionary(name, fc.nat({ max: 3 })), fc.dictionary(name, values), (sizes, metadata) => {
        using _ = scope();
        const tensors = Object.fromEntries(Object.entries(sizes).map(([key, n]) => [key, zeros([n])]));
        let bytes: Uint8Array;
        try {
          bytes = encodeTensors(tensors, metadata as Record<string, string>);
        } catch (error) {
          expect(error).toBeInstanceOf(TypeError);
          return;
        }
        const read = decodeTensors(bytes);
        expect(Object.keys(read.tensors).sort()).toEqual(Object.keys(tensors).sort());
        expect(Object.entries(read.metadata).sort()).toEqual(Object.entries(metadata).sort());
      }),
      { seed: 1, numRuns: 1000 },
    );
  });

  it("is refused with its name", () => {
    const write = (metadata: object) => thrown(() => encodeTensors({}, metadata as never)).message;
    expect(write({ epoch: 3 })).toMatchInlineSnapshot(
      `"encodeTensors: metadata "epoch" is 3 (number) — metadata are strings by name; pass String(value), or JSON.stringify(value)"`,
    );
    expect(write({ note: "\ud83d" })).toMatchInlineSnapshot(
      `"encodeTensors: "\\ud83d" has half of a surrogate pair — names and metadata are text in UTF-8"`,
    );
  });
});

describe("a damaged file", () => {
  it("is read only if its truth values are some", () => {
    const flags = fc.array(fc.nat({ max: 255 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(flags, (bytes) => {
        using _ = scope();
        const bad = file({ mask: entry("BOOL", [bytes.length], 0, bytes.length) }, bytes);
        expect(attempt(() => decodeTensors(bad))).toBe(
          bytes.every((byte) => byte < 2) ? "read" : "FormatError",
        );
      }),
      { seed: 1 },
    );
    expect(
      thrown(() => decodeTensors(file({ m: entry("BOOL", [3], 0, 3) }, [1, 0, 7]))).message,
    ).toMatchInlineSnapshot(`"decodeTensors: tensor "m" has 7 at element 2 — BOOL is 0 or 1"`);
  });

  it("is refused when its header is nested without end", () => {
    const nested = `{"__metadata__":${'{"a":'.repeat(6000)}1${"}".repeat(6001)}`;
    expect(thrown(() => decodeTensors(raw(nested)))).toMatchInlineSnapshot(
      `[FormatError: decodeTensors: the header is nested more than 100 deep — expected a JSON object; this is no safetensors file]`,
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20_000 }), fc.constantFrom("[]", '{"a":}'), (depth, signs) => {
        const [open, close] = [signs.slice(0, -1), signs.slice(-1)];
        const header = `{"w":${open.repeat(depth)}1${close.repeat(depth)}}`;
        expect(attempt(() => decodeTensors(raw(header)))).toBe("FormatError");
      }),
      { seed: 1, numRuns: 30 },
    );
  });

  it("is refused or read, but never answered with anything else: any byte of the header changed", () => {
    const good = encodeTensors({ "a.weight": tensor([1, 2, 3]), b: tensor([[4], [5]]) }, { k: "v" });
    const { start } = parse(good);
    for (let at = 0; at < start; at++) {
      for (const flip of [1, 32, 128, 255]) {
        using _ = scope();
        const bad = good.slice();
        bad[at] ^= flip;
        const outcome = attempt(() => decodeTensors(bad));
        expect(["read", "FormatError"], `byte ${at} ^ ${flip}`).toContain(outcome);
      }
    }
  });

  it("is refused when cut anywhere", () => {
    const good = encodeTensors({ a: tensor([1, 2, 3]), b: tensor([4]) });
    for (let length = 0; length < good.length; length++) {
      expect(
        attempt(() => decodeTensors(good.subarray(0, length))),
        `${length} bytes`,
      ).toBe("FormatError");
    }
  });
});

// ————— helpers

interface Described {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

/** A reader of its own, from the specification alone: github.com/huggingface/safetensors, "Format". */
/** bfloat16, the upper half of a float32. */
const upperHalf = (bits: number): number => new Float32Array(Uint32Array.of(bits << 16).buffer)[0];

/** float16 */
function tenDigits(bits: number): number {
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
  const size = exponent ? (1 + fraction / 1024) * 2 ** (exponent - 15) : fraction / 2 ** 24;
  return (bits & 0x8000 ? -1 : 1) * (exponent < 31 ? size : fraction ? NaN : Infinity);
}

function parse(bytes: Uint8Array) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = 8 + view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32;
  const header: Record<string, Described> = JSON.parse(
    Buffer.from(bytes.subarray(8, start)).toString("utf8"),
  );
  const readers: Record<string, [number, (at: number) => number]> = {
    F64: [8, (at) => view.getFloat64(at, true)],
    BF16: [2, (at) => upperHalf(view.getUint16(at, true))],
    F16: [2, (at) => tenDigits(view.getUint16(at, true))],
    F32: [4, (at) => view.getFloat32(at, true)],
    I32: [4, (at) => view.getInt32(at, true)],
    I8: [1, (at) => view.getInt8(at)],
    U8: [1, (at) => view.getUint8(at)],
    BOOL: [1, (at) => view.getUint8(at)],
  };
  const tensors = Object.entries(header)
    .filter(([name]) => name !== "__metadata__")
    .map(
      ([
        name,
        {
          dtype,
          data_offsets: [begin, end],
        },
      ]) => {
        const [width, read] = readers[dtype];
        const length = (end - begin) / width;
        return [name, Array.from({ length }, (_, i) => read(start + begin + i * width))];
      },
    );
  return { header, start, tensors: Object.fromEntries(tensors) as Record<string, number[]> };
}

const entry = (dtype: string, shape: number[], begin: number, end: number): Described => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

/** A file with any text as its header. */
function raw(header: string | Uint8Array, data: ArrayLike<number> = []): Uint8Array {
  const text = typeof header === "string" ? new TextEncoder().encode(header) : header;
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

const file = (header: object, data: ArrayLike<number>): Uint8Array => raw(JSON.stringify(header), data);

function claiming(length: bigint): Uint8Array {
  const bytes = encodeTensors({ w: tensor([1, 2]) });
  new DataView(bytes.buffer).setBigUint64(0, length, true);
  return bytes;
}

const bits = (x: Tensor): Buffer => Buffer.from(x.data.buffer, x.data.byteOffset, x.data.byteLength);

function thrown(run: () => unknown): Error {
  try {
    run();
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was thrown");
}

function attempt(run: () => unknown): string {
  try {
    run();
    return "read";
  } catch (error) {
    return (error as Error).name;
  }
}
