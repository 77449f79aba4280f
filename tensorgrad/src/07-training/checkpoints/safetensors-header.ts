import {
  bytesPerElement,
  DEEPEST,
  type DType,
  endOfString,
  expectBytes,
  FormatError,
  isDType,
  parseJson,
  show,
} from "../../00-runtime/index.ts";

/** The format's names of our dtypes. */
const names = {
  float64: "F64",
  float32: "F32",
  bfloat16: "BF16",
  float16: "F16",
  int32: "I32",
  int8: "I8",
  uint8: "U8",
  bool: "BOOL",
} as const satisfies Record<DType, string>;

const dtypes: ReadonlyMap<unknown, DType> = new Map(
  Object.entries(names).flatMap(([dtype, name]) => (isDType(dtype) ? [[name, dtype]] : [])),
);

/** Where one tensor lies: bytes `begin` to before `end` of the part after the header. */
export interface Entry {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

export interface Header {
  /** In the order of their bytes. */
  readonly entries: readonly Entry[];
  readonly metadata: Readonly<Record<string, string>>;
  /** Where the tensors' bytes begin in the file. */
  readonly start: number;
}

/** Bytes of the number that says how long the header is. */
const PREFIX = 8;
/** The format's own limit, against files that claim to be enormous. */
const LONGEST = 100_000_000;
const METADATA = "__metadata__";

/**
 * The first bytes of a file: the header's length (64 bits, little-endian), then the header as JSON. Spaces fill it up
 * so that the tensors begin at a multiple of 8.
 */
export function writeHeader({ entries, metadata }: Omit<Header, "start">): Uint8Array<ArrayBuffer> {
  const clash = entries.find(({ name }) => name === METADATA);
  if (clash) throw new TypeError(`encodeTensors: a tensor named ${METADATA} — the format reserves this name`);
  checkText(entries, metadata);
  const table = entries.map(({ name, dtype, shape, begin, end }) => [
    name,
    { dtype: names[dtype], shape, data_offsets: [begin, end] },
  ]);
  const about = Object.keys(metadata).length ? [[METADATA, metadata]] : [];
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries([...about, ...table])));
  const length = Math.ceil(text.length / 8) * 8;
  if (length > LONGEST) {
    throw new RangeError(`encodeTensors: a header of ${length} bytes — the format allows ${LONGEST}`);
  }
  const bytes = new Uint8Array(PREFIX + length).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(text, PREFIX);
  return bytes;
}

/** What is written must come back: metadata are strings by name, and half a character has no bytes in UTF-8. */
function checkText(entries: readonly Entry[], metadata: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(metadata)) {
    if (typeof value === "string") continue;
    throw new TypeError(
      `encodeTensors: metadata ${JSON.stringify(name)} is ${clip(`${value}`)} (${typeof value}) — metadata are strings by name; ` +
        "pass String(value), or JSON.stringify(value)",
    );
  }
  const texts = [...entries.map(({ name }) => name), ...Object.entries(metadata).flat()] as string[];
  const half = texts.find((text) => /\p{Surrogate}/u.test(text));
  if (half === undefined) return;
  throw new TypeError(
    `encodeTensors: ${JSON.stringify(clip(half))} has half of a surrogate pair — names and metadata are text in UTF-8`,
  );
}

/**
 * Reads and checks everything before the tensors' bytes.
 *
 * Throws    FormatError for whatever the format forbids; `call` is what its message begins with
 */
export function readHeader(bytes: Uint8Array, call: string): Header {
  expectBytes(call, bytes);
  const start = PREFIX + headerLength(bytes, call);
  const { [METADATA]: about = {}, ...table } = parseHeader(bytes.subarray(PREFIX, start), call);
  const entries = Object.entries(table).map(([name, value]) => readEntry(name, value, call));
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  checkCover(entries, bytes.length - start, call);
  return { entries, metadata: readMetadata(about, call), start };
}

function headerLength(bytes: Uint8Array, call: string): number {
  if (bytes.length < PREFIX) {
    throw new FormatError(`${call}: ${bytes.length} bytes — a safetensors file has at least ${PREFIX}`);
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (length > LONGEST) {
    throw new FormatError(
      `${call}: the header claims ${length} bytes — at most ${LONGEST} are allowed; this is no safetensors file`,
    );
  }
  const left = bytes.length - PREFIX;
  if (length > left) {
    throw new FormatError(
      `${call}: the header claims ${length} bytes, ${left} are left — the file is truncated, or no safetensors file`,
    );
  }
  return Number(length);
}

function parseHeader(bytes: Uint8Array, call: string): Record<string, unknown> {
  const reject = (why: string, cause?: unknown) =>
    new FormatError(`${call}: the header ${why} — expected a JSON object; this is no safetensors file`, {
      cause,
    });
  let header: unknown;
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    header = parseJson(text);
  } catch (cause) {
    const deep = (cause as Error).message.includes("deep");
    throw reject(deep ? `is nested more than ${DEEPEST} deep` : "is not JSON in UTF-8", cause);
  }
  if (!isRecord(header)) throw reject(`is ${Array.isArray(header) ? "a list" : `${header}`}`);
  if (!text.startsWith("{")) throw reject("begins with white space");
  const twice = repeatedKey(text);
  if (twice !== null) {
    throw new FormatError(
      `${call}: the header has the key ${JSON.stringify(twice)} twice — names must be unique`,
    );
  }
  return header;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const colon = /\s*:/y;

/** The first key that an object of valid JSON text has twice: `JSON.parse` would silently take the later one. */
function repeatedKey(text: string): string | null {
  const open: Set<string>[] = [];
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "{") open.push(new Set());
    else if (text[at] === "}") open.pop();
    else if (text[at] === '"') {
      const start = at;
      at = endOfString(text, start);
      colon.lastIndex = at + 1;
      if (!colon.test(text)) continue;
      const key = JSON.parse(text.slice(start, at + 1)) as string; // escapes: "\u0061" is "a"
      if (open.at(-1)?.has(key)) return key;
      open.at(-1)?.add(key);
    }
  }
  return null;
}

function readMetadata(about: unknown, call: string): Record<string, string> {
  const wrong = isRecord(about)
    ? Object.entries(about).find(([, value]) => typeof value !== "string")
    : [METADATA, about];
  if (wrong) {
    throw new FormatError(
      `${call}: metadata ${JSON.stringify(wrong[0])} is ${clip(JSON.stringify(wrong[1]))} — metadata are strings by name`,
    );
  }
  return about as Record<string, string>;
}

function readEntry(name: string, value: unknown, call: string): Entry {
  const given = isRecord(value) ? value : {};
  const { dtype: code, shape, data_offsets: offsets } = given;
  const reject = (why: string) => new FormatError(`${call}: tensor ${JSON.stringify(name)}: ${why}`);
  if (
    code === undefined ||
    !isSizes(shape) ||
    !isSizes(offsets) ||
    offsets.length !== 2 ||
    Object.keys(given).length !== 3
  ) {
    throw reject(`${clip(JSON.stringify(value))} — expected { dtype, shape, data_offsets: [begin, end] }`);
  }
  const dtype = dtypes.get(code);
  if (dtype === undefined) {
    throw reject(
      `dtype ${JSON.stringify(code)} — one of ${[...dtypes.keys()].join(", ")} is read; convert it before saving`,
    );
  }
  const [begin, end] = offsets;
  const wanted = shape.reduce((size, n) => size * n, bytesPerElement(dtype));
  if (end - begin !== wanted) {
    throw reject(`${end - begin} bytes (${begin} to ${end}) — ${code} ${clip(show(shape))} takes ${wanted}`);
  }
  return { name, dtype, shape, begin, end };
}

/** What a hostile file says may be long. */
const clip = (text: string): string => (text.length > 100 ? `${text.slice(0, 100)}…` : text);

const isSizes = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);

/** Every byte belongs to exactly one tensor: nothing can hide in a file, and nothing is read twice. */
function checkCover(entries: readonly Entry[], length: number, call: string): void {
  let at = 0;
  let before = "the header";
  for (const { name, begin, end } of entries) {
    const here = `tensor ${JSON.stringify(name)} has bytes ${begin} to ${end}`;
    if (end > length) {
      throw new FormatError(`${call}: ${here}, the file has ${length} of them — the file is truncated`);
    }
    if (begin < at)
      throw new FormatError(`${call}: ${here}, ${before} ends at ${at} — tensors must not overlap`);
    if (begin > at) {
      throw new FormatError(`${call}: ${here}, ${before} ends at ${at} — there must be no holes`);
    }
    [at, before] = [end, `tensor ${JSON.stringify(name)}`];
  }
  if (at < length) {
    throw new FormatError(`${call}: ${length - at} bytes after the last tensor — there must be no holes`);
  }
}
