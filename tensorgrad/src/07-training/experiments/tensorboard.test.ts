import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EventFile } from "./tensorboard.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "events-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("EventFile", () => {
  it("writes what TensorBoard's formats say, checksums included", () => {
    const before = Date.now() / 1000;
    const events = new EventFile(folder);
    events.scalars({ "train/loss": 0.5, lr: 1e-3 }, 7);
    events.scalars({ "train/loss": 0.25 }, 2 ** 33);
    events.scalars({ odd: Number.NaN, large: Number.POSITIVE_INFINITY, beyond: 1e300 }, 8);
    events.flush();
    const [first, ...rest] = read(readFileSync(events.path));
    expect(first).toMatchObject({ version: "brain.Event:2", values: {} });
    expect(rest.map(({ step, values }) => [step, values])).toEqual([
      [7, { "train/loss": 0.5, lr: Math.fround(1e-3) }],
      [2 ** 33, { "train/loss": 0.25 }],
      [8, { odd: Number.NaN, large: Infinity, beyond: Infinity }],
    ]);
    for (const { time } of rest) expect(time).toBeGreaterThanOrEqual(before);
  });

  it("has a name that TensorBoard looks for, and every process and file its own", () => {
    const names = [new EventFile(folder), new EventFile(folder)].map(({ path }) => path);
    expect(new Set(names).size).toBe(2);
    for (const name of readdirSync(folder))
      expect(name).toMatch(/^events\.out\.tfevents\.\d{10}\..+\.\d+\.\d+$/);
  });

  it("does not keep more than some events waiting", () => {
    const events = new EventFile(folder);
    for (let step = 0; step < 250; step++) events.scalars({ a: step }, step);
    expect(read(readFileSync(events.path)).length).toBeGreaterThanOrEqual(200);
    events.flush();
    expect(read(readFileSync(events.path))).toHaveLength(251);
  });

  it("says from where a run goes on", () => {
    const events = new EventFile(folder);
    events.restart(40);
    expect(read(readFileSync(events.path))[1]).toMatchObject({ step: 40, session: 1 });
  });
});

describe("the reader below", () => {
  it("finds damage, so that it can be relied on", () => {
    const events = new EventFile(folder);
    const good = readFileSync(events.path);
    for (let at = 0; at < good.length; at++) {
      const bad = Buffer.from(good);
      bad[at] ^= 1;
      expect(() => read(bad), `byte ${at}`).toThrow();
    }
    appendFileSync(events.path, good.subarray(0, 9));
    expect(() => read(readFileSync(events.path))).toThrow();
  });

  it("knows the check values of CRC-32C", () => {
    expect(crc32c(Buffer.from("123456789"))).toBe(0xe3069283); // Castagnoli 1993; RFC 3720, B.4 has the next one
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  });
});

// ————— a reader of its own, from the formats alone: record_writer.h, event.proto, summary.proto, protobuf's encoding

interface Event {
  time: number;
  step: number;
  version: string | null;
  session: number | null;
  values: Record<string, number>;
}

function read(file: Uint8Array): Event[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const events: Event[] = [];
  for (let at = 0; at < file.length; ) {
    const length = Number(view.getBigUint64(at, true));
    if (unmask(view.getUint32(at + 8, true)) !== crc32c(file.subarray(at, at + 8))) throw new Error("length");
    const bytes = file.subarray(at + 12, at + 12 + length);
    if (unmask(view.getUint32(at + 12 + length, true)) !== crc32c(bytes)) throw new Error("content");
    events.push(readEvent(bytes));
    at += length + 16;
  }
  return events;
}

function unmask(masked: number): number {
  const rotated = (masked - 0xa282ead8) >>> 0;
  return ((rotated << 15) | (rotated >>> 17)) >>> 0;
}

/** Bit by bit, without a table: x³² + x²⁸ + x²⁷ + …, reflected. */
function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return ~crc >>> 0;
}

type Field = [number: number, value: number | Uint8Array];

/** The fields of a message in their order: varints, doubles and floats as numbers, all else as bytes. */
function fields(bytes: Uint8Array): Field[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found: Field[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++];
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const [number, wire] = [tag >>> 3, tag & 7];
    if (wire === 0) found.push([number, varint()]);
    else if (wire === 1) found.push([number, view.getFloat64(at, true)]);
    else if (wire === 5) found.push([number, view.getFloat32(at, true)]);
    else if (wire !== 2) throw new Error(`wire type ${wire}`);
    if (wire === 1 || wire === 5) at += wire === 1 ? 8 : 4;
    if (wire === 2) {
      const length = varint();
      found.push([number, bytes.subarray(at, at + length)]);
      at += length;
    }
  }
  return found;
}

const text = (value: number | Uint8Array | undefined): string =>
  Buffer.from(value as Uint8Array).toString("utf8");

function readEvent(bytes: Uint8Array): Event {
  const event = new Map(fields(bytes));
  const summary = event.get(5);
  const values = summary
    ? fields(summary as Uint8Array).map(([, value]) => new Map(fields(value as Uint8Array)))
    : [];
  const session = event.get(7);
  return {
    time: event.get(1) as number,
    step: (event.get(2) as number | undefined) ?? 0,
    version: event.has(3) ? text(event.get(3)) : null,
    session: session ? (new Map(fields(session as Uint8Array)).get(1) as number) : null,
    values: Object.fromEntries(values.map((value) => [text(value.get(1)), value.get(2) as number])),
  };
}
