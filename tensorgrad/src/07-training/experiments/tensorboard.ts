import { appendFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import crc32c from "crc-32/crc32c.js";
import { expectPath, Printed } from "../../00-runtime/index.ts";

/**
 * A file of scalars that TensorBoard draws: `tensorboard --logdir runs`.
 *
 *   const events = new EventFile("runs/mlp-001");
 *   events.scalars({ "train/loss": 0.31 }, 120);
 *
 * Each event is a protobuf message (tensorflow/core/util/event.proto, summary.proto), framed as TFRecord with two
 * checksums (tensorflow/core/lib/io/record_writer.h). A last record that a killed process left half is skipped by readers.
 */
export class EventFile extends Printed {
  readonly path: string;
  #waiting: Uint8Array[] = [];

  constructor(folder: string) {
    super();
    expectPath("EventFile", folder);
    const seconds = Math.floor(Date.now() / 1000);
    this.path = join(folder, `events.out.tfevents.${seconds}.${hostname()}.${process.pid}.${made++}`);
    this.#add((event) => event.tag(field.fileVersion, WireType.LengthDelimited).string("brain.Event:2"));
    this.flush();
  }

  /** Values by tag; `train/loss` is in the group `train`. Written with the next `flush`, or when many wait. */
  scalars(values: Readonly<Record<string, number>>, step: number): void {
    this.#add((event) => {
      event.tag(field.step, WireType.Varint).int64(step);
      event.tag(field.summary, WireType.LengthDelimited).fork();
      for (const [tag, value] of Object.entries(values)) {
        event.tag(summary.value, WireType.LengthDelimited).fork();
        event.tag(summary.tag, WireType.LengthDelimited).string(tag);
        event.tag(summary.simpleValue, WireType.Bit32).float(float32(value)).join();
      }
      event.join();
    });
  }

  /** Tells TensorBoard that a run goes on after this step: it forgets what an earlier process wrote beyond it. */
  restart(step: number): void {
    this.#add((event) => {
      event.tag(field.step, WireType.Varint).int64(step);
      event.tag(field.sessionLog, WireType.LengthDelimited).fork();
      event.tag(1, WireType.Varint).int32(START).join();
    });
    this.flush();
  }

  /** Writes what was added so far. */
  flush(): void {
    if (this.#waiting.length) appendFileSync(this.path, Buffer.concat(this.#waiting));
    this.#waiting = [];
  }

  #add(fill: (event: BinaryWriter) => unknown): void {
    const event = new BinaryWriter();
    event.tag(field.wallTime, WireType.Bit64).double(Date.now() / 1000);
    fill(event);
    this.#waiting.push(record(event.finish()));
    if (this.#waiting.length >= MOST_WAITING) this.flush();
  }

  protected override describe(): string {
    return this.path;
  }
}

const MOST_WAITING = 100;
let made = 0;

/** Numbers of the fields in Event, and in Summary and its Value. */
const field = { wallTime: 1, step: 2, fileVersion: 3, summary: 5, sessionLog: 7 } as const;
const summary = { value: 1, tag: 1, simpleValue: 2 } as const;
/** SessionLog.SessionStatus */
const START = 1;

/** Numbers beyond float32 become infinite, as they would in any conversion; the writer would refuse them. */
const float32 = (value: number): number => Math.fround(value);

/** length (64 bits), its checksum, the bytes, their checksum; all little-endian. */
function record(bytes: Uint8Array): Uint8Array {
  const framed = new Uint8Array(8 + 4 + bytes.length + 4);
  const view = new DataView(framed.buffer);
  view.setBigUint64(0, BigInt(bytes.length), true);
  view.setUint32(8, masked(framed.subarray(0, 8)), true);
  framed.set(bytes, 12);
  view.setUint32(12 + bytes.length, masked(bytes), true);
  return framed;
}

/** CRC-32C, rotated and shifted: a checksum over data that contains checksums would be weak. */
function masked(bytes: Uint8Array): number {
  const crc = crc32c.buf(bytes) >>> 0;
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
