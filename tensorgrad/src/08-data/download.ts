import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { FormatError } from "../00-runtime/index.ts";

/** What a file must be when it has arrived. */
export interface Packed {
  readonly bytes: number;
  readonly sha256: string;
}

/** Reported after every piece that arrived. */
export interface Progress {
  readonly url: string;
  readonly bytes: number;
  readonly total: number;
}

export interface DownloadOptions {
  /** How long the server may stay silent, in milliseconds. */
  readonly timeout: number;
  readonly onProgress: (progress: Progress) => void;
}

/**
 * Downloads `url` to `path` and flushes it to the disk.
 *
 * Throws  FormatError if size or checksum is not the expected one, Error if the server fails or stays silent
 */
export async function download(
  url: string,
  path: string,
  expected: Packed,
  { timeout, onProgress }: DownloadOptions,
): Promise<void> {
  const silence = new Silence(timeout);
  const file = await open(path, "w");
  try {
    const response = await fetch(url, { signal: silence.signal });
    if (!response.ok) throw new Error(`HTTP ${response.status} ${response.statusText}`.trimEnd());
    if (!response.body) throw new Error("empty response");
    const hash = createHash("sha256");
    let bytes = 0;
    for await (const piece of response.body as unknown as AsyncIterable<Uint8Array>) {
      silence.broken();
      bytes += piece.length;
      if (bytes > expected.bytes) break; // whatever is being sent, it is not the file
      hash.update(piece);
      await file.write(piece);
      onProgress({ url, bytes, total: expected.bytes });
    }
    check(bytes, hash.digest("hex"), expected);
    await file.sync();
  } finally {
    silence.end();
    await file.close();
  }
}

function check(bytes: number, sha256: string, expected: Packed): void {
  if (bytes !== expected.bytes) {
    const found = bytes > expected.bytes ? "more" : String(bytes);
    throw new FormatError(`expected ${expected.bytes} bytes, found ${found}`);
  }
  if (sha256 !== expected.sha256) {
    throw new FormatError(`expected SHA-256 ${expected.sha256.slice(0, 12)}…, found ${sha256.slice(0, 12)}…`);
  }
}

/** Aborts when nothing was heard for a while; a slow transfer that goes on is no reason to give up. */
class Silence {
  readonly #controller = new AbortController();
  readonly #timeout: number;
  #timer: NodeJS.Timeout;

  constructor(timeout: number) {
    this.#timeout = timeout;
    this.#timer = this.#start();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  broken(): void {
    clearTimeout(this.#timer);
    this.#timer = this.#start();
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  #start(): NodeJS.Timeout {
    return setTimeout(
      () => this.#controller.abort(new Error(`no answer for ${this.#timeout} ms`)),
      this.#timeout,
    );
  }
}
