import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Field, type MessageName, type Scalar, schema } from "./schema.ts";
import { decode, decodeModel, encode, encodeModel } from "./wire.ts";

describe("the wire format", () => {
  it("gives every message back as it was", () => {
    const names = Object.keys(schema) as MessageName[];
    const anyMessage = fc
      .constantFrom(...names)
      .chain((name) => fc.tuple(fc.constant(name), anyMessageOf(name, 3)));
    fc.assert(
      fc.property(anyMessage, ([name, message]) => {
        expect(decode(name, encode(name, message))).toEqual(message);
      }),
      { numRuns: 300 },
    );
  });

  it("writes an operator set as the specification's bytes", () => {
    expect([...encode("OperatorSetId", { version: 21 })]).toEqual([0x10, 21]);
  });

  it("writes a negative int64 in ten bytes", () => {
    const bytes = encode("Attribute", { i: -1 });
    expect([...bytes]).toEqual([0x18, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1]);
    expect(decode("Attribute", bytes).i).toBe(-1);
  });

  it("writes zeros that are present, because presence carries meaning", () => {
    expect([...encode("Dimension", { dimValue: 0 })]).toEqual([0x08, 0]);
    expect([...encode("Dimension", {})]).toEqual([]);
  });

  it("keeps integers beyond 2^53 as bigints", () => {
    const last = 2n ** 63n - 1n;
    expect(decode("Tensor", encode("Tensor", { int64Data: [last, 7] })).int64Data).toEqual([last, 7]);
  });

  it("skips unknown fields of every wire type", () => {
    const writer = new BinaryWriter();
    writer.tag(100, WireType.Varint).uint32(300);
    writer.tag(101, WireType.Bit32).float(1);
    writer.tag(102, WireType.Bit64).double(1);
    writer.tag(103, WireType.LengthDelimited).string("later versions");
    writer.tag(1, WireType.LengthDelimited).string("ai.onnx");
    expect(decode("OperatorSetId", writer.finish())).toEqual({
      domain: "ai.onnx",
    });
  });

  it("reads lists of numbers unpacked too, as proto2 writers send them", () => {
    const writer = new BinaryWriter();
    for (const value of [3, -1]) writer.tag(8, WireType.Varint).int64(value);
    expect(decode("Attribute", writer.finish()).ints).toEqual([3, -1]);
  });

  it("refuses packed numbers that run past the length announced for them", () => {
    const ints = fc.array(fc.oneof(fc.integer(), fc.nat({ max: 127 })), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(ints, fc.nat({ max: 40 }), (values, cut) => {
        const numbers = values.map((value) => new BinaryWriter().int64(value).finish());
        const bytes = Buffer.concat(numbers);
        const announced = Math.min(cut, bytes.length);
        // A number ends with the first byte below 128.
        const whole = announced === 0 || bytes[announced - 1] < 128;
        const writer = new BinaryWriter().tag(8, WireType.LengthDelimited).uint32(announced).raw(bytes);
        if (!whole) expect(() => decode("Attribute", writer.finish())).toThrow("run past their end");
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it("copies byte fields: a Buffer's memory may be shared and reused", () => {
    const bytes = Buffer.from(encode("Tensor", { rawData: Uint8Array.of(1, 2, 3) }));
    const { rawData } = decode("Tensor", bytes);
    bytes.fill(0);
    expect(rawData).toEqual(Uint8Array.of(1, 2, 3));
  });
});

describe("decodeModel", () => {
  const model = encodeModel({
    irVersion: 10,
    graph: { name: "g", node: [{ opType: "Relu" }] },
  });

  it("refuses truncated bytes", () => {
    expect(() => decodeModel(model.subarray(0, model.length - 2))).toThrowErrorMatchingInlineSnapshot(
      `[FormatError: decodeModel: 13 bytes (11 bytes announced, 9 left) — not an ONNX model, or a truncated one]`,
    );
  });

  it("refuses bytes of another kind", () => {
    expect(() => decodeModel(new TextEncoder().encode("PNG is no model"))).toThrowErrorMatchingInlineSnapshot(
      `[FormatError: decodeModel: 15 bytes (illegal tag: field no 8 wire type 7) — not an ONNX model, or a truncated one]`,
    );
    expect(() => decodeModel(new Uint8Array(0))).toThrowErrorMatchingInlineSnapshot(
      `[FormatError: decodeModel: 0 bytes without an IR version or a graph — not an ONNX model]`,
    );
  });

  it("refuses a known field of the wrong wire type", () => {
    const writer = new BinaryWriter();
    writer.tag(1, WireType.LengthDelimited).string("ten");
    expect(() => decodeModel(writer.finish())).toThrowErrorMatchingInlineSnapshot(
      `[FormatError: decodeModel: 5 bytes (Model.irVersion has wire type 2, the format says 0) — not an ONNX model, or a truncated one]`,
    );
  });
});

/** Any message, nested at most `depth` deep, in the decoder's form: lists always there, other fields perhaps. */
function anyMessageOf(name: MessageName, depth: number): fc.Arbitrary<Record<string, unknown>> {
  const fields = Object.entries<Field>(schema[name]);
  const repeated = fields.filter(([, field]) => field[2] === "*");
  const single = fields.filter(([, field]) => field[2] !== "*" && (depth > 0 || field[1] in scalars));
  return fc
    .tuple(
      fc.record(Object.fromEntries(repeated.map(([key, field]) => [key, anyList(field, depth)]))),
      fc.record(Object.fromEntries(single.map(([key, field]) => [key, anyValue(field, depth)])), {
        requiredKeys: [],
      }),
    )
    .map(([lists, values]) => ({ ...lists, ...values }));
}

const scalars: Record<Scalar, fc.Arbitrary<unknown>> = {
  int32: fc.integer(),
  int64: fc
    .bigInt(-(2n ** 63n), 2n ** 63n - 1n)
    .map((n) => (Number.isSafeInteger(Number(n)) ? Number(n) : n)),
  uint64: fc.bigInt(0n, 2n ** 64n - 1n).map((n) => (Number.isSafeInteger(Number(n)) ? Number(n) : n)),
  float: fc.float(),
  double: fc.double(),
  string: fc.string({ unit: "grapheme", maxLength: 8 }),
  bytes: fc.uint8Array({ maxLength: 8 }),
};

const anyValue = (field: Field, depth: number): fc.Arbitrary<unknown> =>
  field[1] in scalars ? scalars[field[1] as Scalar] : anyMessageOf(field[1] as MessageName, depth - 1);

const anyList = (field: Field, depth: number): fc.Arbitrary<unknown[]> =>
  depth === 0 && !(field[1] in scalars)
    ? fc.constant([])
    : fc.array(anyValue(field, depth), { maxLength: 2 });
