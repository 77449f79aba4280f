import type { Tensor } from "../../01-tensor/index.ts";
import type { Tokenizer } from "../../10-tokenization/index.ts";
import type { Routes, ServingHooks } from "../types.ts";

/** Options of `serve`. */
export interface ServeOptions {
  /** Under which it is asked for. */
  readonly name?: string;
  readonly version?: string;
  /** What computes. An ONNX file runs in ONNX Runtime, a module in this library, unless told otherwise. */
  readonly engine?: "tensorgrad" | "onnxruntime";
  /** For a module: what it is called with; its first dim is the batch. */
  readonly example?: Tensor | readonly Tensor[];
  /** For a GPT: how text becomes ids. */
  readonly tokenizer?: Tokenizer;
  /** For a GPT: the id after which a text is over. */
  readonly endToken?: number;
  /** `0.0.0.0` for all of the machine's addresses: then think of keys. */
  readonly host?: string;
  /** 0 for any that is free. */
  readonly port?: number;
  /** Who may ask, by `authorization: Bearer <key>`; everybody where there is none. */
  readonly keys?: readonly string[];
  /** Rows computed together, and rows in one request, at most. */
  readonly maxBatch?: number;
  /**
   * How long a row waits for others while the engine is idle, in ms; 0. What arrives while the engine computes, or in one turn of the
   * event loop, shares a batch without waiting.
   */
  readonly maxWait?: number;
  /** Rows that may wait; more are refused with 503. */
  readonly maxQueue?: number;
  /** From the request until its answer, in ms; then 504. Of streamed text, until the first token. */
  readonly deadline?: number;
  /** Bytes of a request, at most; more are refused with 413. */
  readonly bodyLimit?: number;
  /** How long a client may take to send its request, or to read on in an answer, in ms. */
  readonly clientTimeout?: number;
  /** Tokens of one answer, at most. */
  readonly maxTokens?: number;
  /** Texts written at the same time. */
  readonly maxStreams?: number;
  /** Whether NaN and ±∞ are taken as inputs. */
  readonly nonFinite?: boolean;
  /** How long `close` waits for those who do not read their answers, in ms. */
  readonly grace?: number;
  readonly hooks?: readonly ServingHooks[];
  readonly routes?: readonly Routes[];
  /** The least level of what is logged, as lines of JSON; false for nothing. */
  readonly log?: false | "error" | "warn" | "info" | "debug";
  /** Where to; standard output. */
  /** One line of the log. */
  readonly logStream?: { write(line: string): void };
}

/** Names of these options. */
export const SERVE_OPTIONS = [
  ...(["name", "version", "engine", "example", "tokenizer", "endToken", "host", "port", "keys"] as const),
  ...(["maxBatch", "maxWait", "maxQueue", "deadline", "bodyLimit", "clientTimeout", "maxTokens"] as const),
  ...(["maxStreams", "nonFinite", "grace", "hooks", "routes", "log", "logStream"] as const),
];

/** The numbers among the options, and the least that each may be. */
const LEAST = {
  port: 0,
  maxBatch: 1,
  maxWait: 0,
  maxQueue: 1,
  deadline: 1,
  bodyLimit: 1,
  clientTimeout: 1,
  maxTokens: 1,
  maxStreams: 1,
  grace: 0,
} as const;

export type Limits = { readonly [name in keyof typeof LEAST]: number };

/** Throws  RangeError for a number outside its range, and for settings that contradict each other */
export function limitsOf({
  port = 8080,
  maxBatch = 64,
  maxWait = 0,
  maxQueue = 1024,
  deadline = 30_000,
  bodyLimit = 2 ** 24,
  clientTimeout = 10_000,
  maxTokens = 2048,
  maxStreams = 4,
  grace = 10_000,
}: ServeOptions): Limits {
  const limits = {
    ...{ port, maxBatch, maxWait, maxQueue, deadline },
    ...{ bodyLimit, clientTimeout, maxTokens, maxStreams, grace },
  };
  for (const [name, least] of Object.entries(LEAST)) {
    const value = limits[name as keyof Limits];
    if (Number.isInteger(value) && value >= least && value < 2 ** 31) continue;
    throw new RangeError(`serve: ${name} = ${value} — an integer ≥ ${least}`);
  }
  if (port > 65_535) throw new RangeError(`serve: port = ${port} — at most 65535`);
  if (maxWait >= deadline)
    throw new RangeError(
      `serve: maxWait = ${maxWait} ms, deadline = ${deadline} ms — who waits must be answered before the deadline`,
    );
  return limits;
}
