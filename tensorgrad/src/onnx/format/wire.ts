import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { expectArgument, FormatError } from "../../00-runtime/index.ts";
import {
  type Field,
  type Message,
  type MessageDraft,
  type MessageName,
  type Scalar,
  schema,
} from "./schema.ts";

/** How each scalar travels: its wire type, its writer, its reader. */
interface Codec {
  wire: WireType;
  write(writer: BinaryWriter, value: never): unknown;
  read(reader: BinaryReader): unknown;
}

const codecs: Record<Scalar, Codec> = {
  int32: {
    wire: WireType.Varint,
    write: (w, v: number) => w.int32(v),
    read: (r) => r.int32(),
  },
  // Two's complement of 64 bits: a negative number takes ten bytes.
  int64: {
    wire: WireType.Varint,
    write: (w, v: number | bigint) => w.int64(v),
    read: (r) => int64(r.int64()),
  },
  uint64: {
    wire: WireType.Varint,
    write: (w, v: number | bigint) => w.uint64(v),
    read: (r) => int64(r.uint64()),
  },
  float: {
    wire: WireType.Bit32,
    write: (w, v: number) => w.float(v),
    read: (r) => r.float(),
  },
  double: {
    wire: WireType.Bit64,
    write: (w, v: number) => w.double(v),
    read: (r) => r.double(),
  },
  string: {
    wire: WireType.LengthDelimited,
    write: (w, v: string) => w.string(v),
    read: (r) => r.string(),
  },
  // The reader hands out a view of its input, and `slice` of a Buffer is a view as well: copy.
  bytes: {
    wire: WireType.LengthDelimited,
    write: (w, v: Uint8Array) => w.bytes(v),
    read: (r) => new Uint8Array(r.bytes()),
  },
};

type Loose = Record<string, unknown>;

const fieldsOf = (name: MessageName) => Object.entries<Field>(schema[name]);
const isMessage = (type: Field[1]): type is MessageName => type in schema;

/** Writes a message field by field, in the order of the table; missing fields and empty lists leave no trace. */
export function encode<M extends MessageName>(name: M, message: MessageDraft<M>): Uint8Array<ArrayBuffer> {
  const writer = new BinaryWriter();
  writeMessage(writer, name, message as Loose);
  return writer.finish();
}

function writeMessage(writer: BinaryWriter, name: MessageName, message: Loose): void {
  for (const [key, field] of fieldsOf(name)) {
    const value = message[key];
    if (value === undefined) continue;
    if (field[2] === "*") writeRepeated(writer, field, value as readonly unknown[]);
    else writeSingle(writer, field, value);
  }
}

function writeSingle(writer: BinaryWriter, [number, type]: Field, value: unknown): void {
  if (isMessage(type)) {
    writer.tag(number, WireType.LengthDelimited).fork();
    writeMessage(writer, type, value as Loose);
    writer.join();
  } else {
    const codec = codecs[type];
    codec.write(writer.tag(number, codec.wire), value as never);
  }
}

/** Numbers are packed into one run of bytes, as proto3 does; everything else repeats its tag. */
function writeRepeated(writer: BinaryWriter, field: Field, values: readonly unknown[]): void {
  const [number, type] = field;
  if (isMessage(type) || codecs[type].wire === WireType.LengthDelimited) {
    for (const value of values) writeSingle(writer, field, value);
  } else if (values.length > 0) {
    writer.tag(number, WireType.LengthDelimited).fork();
    for (const value of values) codecs[type].write(writer, value as never);
    writer.join();
  }
}

/** Reads a message; unknown fields are skipped, lists are read packed or not. */
export function decode<M extends MessageName>(name: M, bytes: Uint8Array): Message<M> {
  const reader = new BinaryReader(bytes);
  return readMessage(reader, name, reader.len) as Message<M>;
}

function readMessage(reader: BinaryReader, name: MessageName, end: number): Loose {
  const byNumber = fieldsByNumber(name);
  const message: Loose = {};
  for (const { key, field } of byNumber.values()) if (field[2] === "*") message[key] = [];
  while (reader.pos < end) {
    const [number, wire] = reader.tag();
    const known = byNumber.get(number);
    if (known === undefined) reader.skip(wire, number);
    else readField(reader, name, known, wire, message);
  }
  if (reader.pos > end) throw new RangeError(`${name} runs past its end`);
  return message;
}

interface Known {
  key: string;
  field: Field;
}

function readField(
  reader: BinaryReader,
  name: MessageName,
  known: Known,
  wire: WireType,
  message: Loose,
): void {
  const { key, field } = known;
  const type = field[1];
  const own = isMessage(type) ? WireType.LengthDelimited : codecs[type].wire;
  const list = field[2] === "*" ? (message[key] as unknown[]) : null;
  if (wire === own) {
    const value = isMessage(type) ? readMessage(reader, type, lengthEnd(reader)) : codecs[type].read(reader);
    if (list) list.push(value);
    else message[key] = value;
  } else if (list && wire === WireType.LengthDelimited && !isMessage(type)) {
    const end = lengthEnd(reader);
    while (reader.pos < end) list.push(codecs[type].read(reader));
    if (reader.pos > end) throw new RangeError(`the numbers of ${name}.${key} run past their end`);
  } else {
    throw new TypeError(`${name}.${key} has wire type ${wire}, the format says ${own}`);
  }
}

function lengthEnd(reader: BinaryReader): number {
  const length = reader.uint32();
  const end = reader.pos + length;
  if (end > reader.len) throw new RangeError(`${length} bytes announced, ${reader.len - reader.pos} left`);
  return end;
}

const tables = new Map<MessageName, ReadonlyMap<number, Known>>();

function fieldsByNumber(name: MessageName): ReadonlyMap<number, Known> {
  const known = tables.get(name);
  if (known) return known;
  const table = new Map(fieldsOf(name).map(([key, field]) => [field[0], { key, field }]));
  tables.set(name, table);
  return table;
}

function int64(value: bigint | string): number | bigint {
  const exact = BigInt(value);
  const number = Number(exact);
  return Number.isSafeInteger(number) ? number : exact;
}

/** The bytes of an ONNX file. */
export function encodeModel(model: MessageDraft<"Model">): Uint8Array<ArrayBuffer> {
  const fits = typeof model === "object" && model !== null;
  expectArgument(fits, "encodeModel", "model", model, "what decodeModel gives: { irVersion, graph, … }");
  return encode("Model", model);
}

/**
 * Reads the bytes of an ONNX file into plain objects: for tests, inspection and import.
 *
 * Throws    FormatError if the bytes are no ONNX model, or end too early
 */
export function decodeModel(bytes: Uint8Array): Message<"Model"> {
  expectArgument((bytes as unknown) instanceof Uint8Array, "decodeModel", "bytes", bytes, "a Uint8Array");
  const size = `decodeModel: ${bytes.length} bytes`;
  let model: Message<"Model">;
  try {
    model = decode("Model", bytes);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FormatError(`${size} (${reason}) — not an ONNX model, or a truncated one`, { cause });
  }
  if (model.irVersion === undefined || model.graph === undefined) {
    throw new FormatError(`${size} without an IR version or a graph — not an ONNX model`);
  }
  return model;
}
