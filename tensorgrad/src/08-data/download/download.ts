import { createHash, type Hash } from "node:crypto";
import { FormatError } from "../../00-runtime/index.ts";
import type { PartialFile } from "./partial.ts";

/** A file as mirrors serve it. */
export interface Packed {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** Reported after every piece that arrived. */
export interface DownloadProgress {
  readonly url: string;
  readonly bytes: number;
  readonly total: number;
}

export interface DownloadOptions {
  /** How long the server may stay silent, or send less than 1 KB a second, in milliseconds. */
  readonly timeout: number;
  readonly onProgress: (progress: DownloadProgress) => void;
}

/**
 * Downloads `url` into a partial file, going on where an earlier attempt broke off.
 *
 * What arrived stays when the connection breaks or the disk is full. It goes when it turns out not to be the file.
 *
 * Throws  FormatError if size or checksum is not the expected one, StorageError if the disk refuses, Error if the
 *         server fails or stays silent
 */
export async function download(
  url: string,
  partial: PartialFile,
  expected: Packed,
  options: DownloadOptions,
): Promise<void> {
  const pace = new Pace(options.timeout);
  try {
    if (await attempt(url, partial, expected, options, pace)) return;
    // A beginning that does not fit its end (the file changed, and no ETag told) is worth one fresh start.
    await attempt(url, partial, expected, options, pace);
  } finally {
    pace.end();
  }
}

/** Returns whether the file is whole; false: it was continued and came out wrong. */
async function attempt(
  url: string,
  partial: PartialFile,
  expected: Packed,
  { onProgress }: DownloadOptions,
  pace: Pace,
): Promise<boolean> {
  const { response, start } = await request(url, partial, expected, pace.signal);
  const hash = start > 0 ? await partial.hash() : createHash("sha256");
  const etag = response?.headers.get("etag") ?? null;
  const version = { url, etag: etag?.startsWith("W/") ? null : etag };
  const file = await partial.open(start > 0 ? "continue" : "restart", version);
  let bytes = start;
  pace.restart();
  try {
    for await (const piece of response ? pieces(response) : []) {
      pace.heard(piece.length);
      bytes += piece.length;
      if (bytes > expected.bytes) break; // whatever is being sent, it is not the file
      hash.update(piece);
      await file.append(piece);
      onProgress({ url, bytes, total: expected.bytes });
    }
  } finally {
    await file.close();
  }
  const problem = difference(bytes, hash, expected);
  if (problem === null) return true;
  await partial.discard();
  if (start > 0) return false;
  throw new FormatError(problem);
}

/** Asks for what is missing. `start` is where the answer begins: 0 if the server sends all of it anyway. */
async function request(
  url: string,
  partial: PartialFile,
  expected: Packed,
  signal: AbortSignal,
): Promise<{ readonly response: Response | null; readonly start: number }> {
  const have = await partial.size();
  if (have === expected.bytes) return { response: null, start: have }; // all there: only its name is missing
  const headers: Record<string, string> = { "accept-encoding": "identity" };
  if (have > 0 && have < expected.bytes) {
    headers.range = `bytes=${have}-`;
    const version = await partial.version();
    if (version?.url === url && version.etag) headers["if-range"] = version.etag;
  }
  const response = await fetch(url, { signal, headers });
  if (response.status === 416 && have > 0) {
    await partial.discard(); // the file there is shorter than what is here
    return request(url, partial, expected, signal);
  }
  checkResponse(response, have, expected);
  return { response, start: response.status === 206 ? have : 0 };
}

/** Refuses what cannot be the file before a byte of it is kept. */
function checkResponse(response: Response, have: number, expected: Packed): void {
  const { status, headers } = response;
  if (!response.ok) throw new Error(`HTTP ${status} ${response.statusText}`.trimEnd());
  if (!response.body) throw new Error("empty response");
  if (headers.get("content-type")?.startsWith("text/html")) {
    throw new FormatError("the server sent a web page (text/html), not the file");
  }
  if (status === 206 && !headers.get("content-range")?.startsWith(`bytes ${have}-`)) {
    throw new FormatError(`asked for bytes from ${have} on, got ${headers.get("content-range")}`);
  }
  const length = headers.get("content-length");
  const total = Number(length) + (status === 206 ? have : 0);
  if (length !== null && total !== expected.bytes) {
    throw new FormatError(`expected ${expected.bytes} bytes, the server has ${total}`);
  }
}

const pieces = ({ body }: Response): AsyncIterable<Uint8Array> =>
  body as unknown as AsyncIterable<Uint8Array>;

function difference(bytes: number, hash: Hash, expected: Packed): string | null {
  if (bytes !== expected.bytes) {
    return `expected ${expected.bytes} bytes, found ${bytes > expected.bytes ? "more" : bytes}`;
  }
  const sha256 = hash.digest("hex");
  if (sha256 === expected.sha256) return null;
  return `expected SHA-256 ${expected.sha256.slice(0, 12)}…, found ${sha256.slice(0, 12)}…`;
}

/** In bytes per second: at this rate MNIST takes three hours. */
const SLOWEST = 1024;

/** Aborts when too little was heard for a while. A slow transfer goes on; one that would never end does not. */
class Pace {
  readonly #controller = new AbortController();
  readonly #timeout: number;
  #timer: NodeJS.Timeout;
  /** Bytes since the timer was started. */
  #heard = 0;

  constructor(timeout: number) {
    this.#timeout = timeout;
    this.#timer = this.#start();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  heard(bytes: number): void {
    this.#heard += bytes;
  }

  /** The answer begins. */
  restart(): void {
    clearTimeout(this.#timer);
    this.#timer = this.#start();
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#controller.abort(); // an answer that was refused need not be sent to its end
  }

  #start(): NodeJS.Timeout {
    this.#heard = 0;
    return setTimeout(() => this.#judge(), this.#timeout);
  }

  #judge(): void {
    const heard = this.#heard;
    const rate = `${heard} bytes in ${this.#timeout} ms, expected ${SLOWEST} a second or more`;
    if (heard >= (SLOWEST * this.#timeout) / 1000) this.restart();
    else this.#controller.abort(new Error(heard ? rate : `no answer for ${this.#timeout} ms`));
  }
}
