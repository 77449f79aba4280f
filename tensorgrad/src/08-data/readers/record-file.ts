import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { FormatError, Printed } from "../../00-runtime/index.ts";
import { checkRegularFile } from "../../00-runtime/node.ts";
import { reasonOf } from "../download/reason.ts";

/** How many records are read at once when one follows the other. */
const AHEAD = 64;

/** Closes the files of objects that the collector has found dead. */
const forgotten = new FinalizationRegistry<number>((file) => closeSync(file));

/**
 * A file of records of one size, read when they are asked for: what does not fit into memory can be trained on, and
 * several threads can read at once.
 *
 * A record is one read at its offset, and the operating system keeps in its page cache what was read, as it would for
 * a mapped file. Records asked for one after the other are read many at a time.
 *
 * Memory  64 records
 * Throws  FormatError for a folder, an empty file, or one that ends in the middle of a record
 */
export class RecordFile extends Printed {
  readonly path: string;
  /** Bytes of one record. */
  readonly size: number;
  /** Number of records. */
  readonly length: number;
  readonly #file: number;
  readonly #buffer: Uint8Array;
  /** Records `#first` up to `#end` are in the buffer. */
  #first = 0;
  #end = 0;

  constructor(path: string, size: number) {
    super();
    [this.path, this.size] = [path, size];
    this.#file = openFile(path);
    forgotten.register(this, this.#file, this);
    const bytes = fstatSync(this.#file).size;
    if (bytes === 0 || bytes % size !== 0) {
      this.close();
      throw new FormatError(
        `RecordFile: ${path} has ${bytes} bytes — records take ${size} each; the file is ${bytes ? "truncated" : "empty"}`,
      );
    }
    this.length = bytes / size;
    this.#buffer = new Uint8Array(Math.min(AHEAD, this.length) * size);
  }

  /** The bytes of record `i`; valid until the next call. */
  read(i: number): Uint8Array {
    if (i < this.#first || i >= this.#end) this.#load(i);
    const at = (i - this.#first) * this.size;
    return this.#buffer.subarray(at, at + this.size);
  }

  /** Closes the file. */
  close(): void {
    forgotten.unregister(this);
    closeSync(this.#file);
  }

  #load(i: number): void {
    const count = i === this.#end ? Math.min(AHEAD, this.length - i) : 1;
    const bytes = count * this.size;
    [this.#first, this.#end] = [0, 0]; // nothing is there while it is being replaced
    let done = 0;
    while (done < bytes) {
      const read = readSync(this.#file, this.#buffer, done, bytes - done, i * this.size + done);
      if (read === 0) {
        throw new FormatError(
          `RecordFile: ${this.path} ended at record ${i} of ${this.length} — it was cut off while it was being read`,
        );
      }
      done += read;
    }
    [this.#first, this.#end] = [i, i + count];
  }
}

function openFile(path: string): number {
  checkRegularFile(path, `RecordFile(${path})`, { what: "a file of records" });
  try {
    return openSync(path, "r");
  } catch (error) {
    throw new FormatError(
      `RecordFile: cannot read ${path} (${reasonOf(error)}) — expected a file of records`,
    );
  }
}
