import { builtinModules } from "../builtin.ts";
import type { Product } from "../product.ts";
import type { Callable } from "../threads/worker.ts";
import { cuts } from "./call.ts";
import { gemmModel } from "./gemm-model.ts";
import { type BlasLibrary, BlasRefusal, type Koffi, type LocatedKoffi } from "./library.ts";

/**
 * ONNX Runtime as a BLAS: where the system has none, the library inside an installed `onnxruntime-node` multiplies with the
 * processor's widest vectors. A product is the run of a model with one node, over tensors that wrap addresses on the heap.
 */

/** What tsx and esbuild wrap named functions in; a thread that gets a function as text does not have it. */
const NAME_HELPER = "const __name = (named) => named;";

/** From this many multiplications on (96³) it wins: measured, a run costs as much as 0.5 million of our own. */
const WORTHWHILE = 900_000;

/** koffi, as far as it is used to call through the table of functions that the library hands out. */
interface Calling extends Koffi {
  proto(definition: string): unknown;
  array(type: string, length: number): unknown;
  decode(pointer: unknown, type: unknown): unknown;
  call(pointer: unknown, type: unknown, ...args: unknown[]): unknown;
}
type Native = (...args: unknown[]) => number;
/** What `open` gives: the call that multiplies, and the other functions by their places in `OrtApi` (onnxruntime_c_api.h). */
interface Opened {
  readonly version: string;
  readonly multiply: Callable;
  /** Calls a function that changes something. */
  set(place: number, parameters: string, ...args: unknown[]): void;
  /** Calls a function that makes something, whose address goes to the last parameter; returns it. */
  make(place: number, parameters: string, ...args: unknown[]): number;
}

/**
 * How a thread makes the functions its own; its source text is sent there, so it uses nothing from outside. `memory` describes
 * the processor's memory to the library; 0 where it is not known yet.
 */
function open(koffi: Calling, { path, memory }: { path: string; memory: number }): Opened {
  const library = koffi.load(path);
  const base = koffi.decode(library.func("void *OrtGetApiBase()")(), koffi.array("void *", 2)) as unknown[];
  const version = String(koffi.call(base[1], koffi.proto("const char *()")));
  const api = koffi.call(base[0], koffi.proto("void *(uint32_t version)"), 17);
  if (!api) throw new Error(`version ${version} is older than 1.17`);
  const table = koffi.decode(api, koffi.array("void *", 97)) as unknown[];
  const native = (place: number, parameters: string) =>
    koffi.decode(table[place], koffi.proto(`uintptr_t (${parameters})`)) as Native;
  const message = koffi.decode(table[2], koffi.proto("const char *(uintptr_t status)")) as (
    status: number,
  ) => string;
  const check = (status: number) => {
    if (status !== 0) throw new Error(message(status));
  };
  const wrap = native(
    49,
    "uintptr_t info, uintptr_t data, size_t bytes, uintptr_t shape, size_t rank, int type, uintptr_t out",
  );
  const run = native(
    9,
    "uintptr_t session, uintptr_t options, uintptr_t names, uintptr_t inputs, size_t count, uintptr_t outputNames, size_t outputs, uintptr_t out",
  );
  const release = koffi.decode(table[96], koffi.proto("void (uintptr_t value)")) as (value: number) => void;
  // Words that the library reads and writes: names, their addresses, a shape, the tensors A, B, C and Y.
  const words = new BigUint64Array(new ArrayBuffer(128));
  const at = Number(koffi.address(words));
  new Uint8Array(words.buffer).set([65, 0, 66, 0, 67, 0, 89, 0]);
  words.set([at, at + 2, at + 4, at + 6].map(BigInt), 1);
  const tensor = (slot: number, address: number, rows: number, cols: number) => {
    words.set([BigInt(rows), BigInt(cols)], 6);
    check(wrap(memory, address, 4 * rows * cols, at + 48, 2, 1, at + 8 * slot));
  };
  const multiply = (session: number, inputs: number, ...rest: number[]) => {
    const [a, aRows, aCols, b, bRows, bCols, c, m, n] = rest;
    tensor(8, a, aRows, aCols);
    tensor(9, b, bRows, bCols);
    tensor(10, c, m, n);
    tensor(11, c, m, n);
    check(run(session, 0, at + 8, at + 64, inputs, at + 32, 1, at + 88));
    for (let slot = 8; slot < 12; slot++) release(Number(words[slot]));
  };
  const set: Opened["set"] = (place, parameters, ...args) => check(native(place, parameters)(...args));
  const make: Opened["make"] = (place, parameters, ...args) => {
    set(place, `${parameters}uintptr_t out`, ...args, at + 120);
    return Number(words[15]);
  };
  // koffi unloads a library that nobody holds, and these functions hold only addresses in it.
  return { version, multiply: Object.assign(multiply, { library }), set, make };
}

/**
 * Loads the library inside the installed package onnxruntime-node and holds it to one thread.
 *
 * Throws  BlasRefusal if there is none for this machine, or it does not load
 */
export function openOnnxRuntime(koffi: LocatedKoffi): BlasLibrary {
  const path = locate();
  try {
    const calling = koffi as LocatedKoffi & Calling;
    const memory = open(calling, { path, memory: 0 }).make(69, "int allocator, int type, ", 0, 0);
    const { version, multiply, ...opened } = open(calling, { path, memory });
    const session = sessions(opened);
    return {
      ...{ name: "ONNX Runtime", version, core: "", instead: "", path, call: multiply, sgemm: null },
      foreign: {
        koffi: koffi.location,
        open: `(koffi, data) => { ${NAME_HELPER} return (${open})(koffi, data).multiply; }`,
        data: { path, memory },
      },
      callsFor: (product, base) => callsFor(product, base, session),
      addressOf: (array) => Number(koffi.address(array)),
    };
  } catch (error) {
    throw new BlasRefusal(`it does not load (${(error as Error).message.split("\n")[0]})`);
  }
}

/** `…/onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime.so.1`, as the package lays it out. */
function locate(): string {
  const builtin = builtinModules();
  if (!builtin) throw new BlasRefusal("this runtime loads no native libraries", { absent: true });
  const { readdirSync } = builtin("node:fs");
  const { dirname, join } = builtin("node:path");
  const found = (folder: string, name: RegExp) => {
    const match = readdirSync(folder).find((entry) => name.test(entry));
    return match && join(folder, match);
  };
  try {
    const entry = builtin("node:module")
      .createRequire(import.meta.url)
      .resolve("onnxruntime-node");
    const versions = found(join(dirname(entry), "../bin"), /^napi-v\d+$/) ?? "";
    const path = found(
      join(versions, process.platform, process.arch),
      /^(libonnxruntime\.(so|\d).*|onnxruntime\.dll)$/,
    );
    if (path) return path;
  } catch {
    // Not installed, or not for this machine.
  }
  throw new BlasRefusal(
    `there is no onnxruntime-node for ${process.platform} ${process.arch}; npm install onnxruntime-node`,
    { absent: true },
  );
}

type Sessions = (transA: boolean, transB: boolean, accumulate: boolean) => number;

/** The session of each kind of product, made when it is first asked for; one thread each. */
function sessions({ set, make }: Pick<Opened, "set" | "make">): Sessions {
  const env = make(3, "int severity, const char *name, ", 3, "tensorgrad");
  const options = make(10, "");
  set(24, "uintptr_t options, int threads", options, 1); // within an operator
  set(25, "uintptr_t options, int threads", options, 1); // between operators
  set(17, "uintptr_t options", options); // no plan of memory: sizes change from call to call
  set(19, "uintptr_t options", options); // no memory is held back
  const made = new Map<string, number>();
  return (...kind) => {
    const key = String(kind);
    const model = gemmModel(...kind);
    const parameters = "uintptr_t env, const uint8_t *model, size_t bytes, uintptr_t options, ";
    const session = made.get(key) ?? make(8, parameters, env, model, model.length, options);
    made.set(key, session);
    return session;
  };
}

/**
 * The runs that make up a product: tensors have no gaps, so neither may its matrices. Where A is stored by rows, it is cut into
 * panels of rows; a transposed A stays whole.
 */
function callsFor(product: Product<number>, base: number, session: Sessions): number[][] | null {
  const { a, b, c, m, n, k, aRow, aCol, bRow, bCol, cRow, alpha, beta } = product;
  const [byRows, transA] = [aRow === k && aCol === 1, aRow === 1 && aCol === m];
  const [plainB, transB] = [bRow === n && bCol === 1, bRow === 1 && bCol === k];
  const fits = (byRows || transA) && (plainB || transB) && cRow === n && alpha === 1;
  if (!fits || (beta !== 0 && beta !== 1) || k === 0 || m * n * k < WORTHWHILE) return null;
  const one = session(!byRows, !plainB, beta === 1);
  const inputs = beta === 1 ? 3 : 2;
  const right = plainB ? [base + b, k, n] : [base + b, n, k];
  if (!byRows) return [[one, inputs, base + a, k, m, ...right, base + c, m, n]];
  const ends = cuts(m, m * n * k);
  return ends.slice(1).map((end, i) => {
    const [from, rows] = [ends[i], end - ends[i]];
    return [one, inputs, base + a + 4 * from * k, rows, k, ...right, base + c + 4 * from * n, rows, n];
  });
}
