import { Parser } from "pickleparser";
import { expectBytes, FormatError, show } from "../../00-runtime/index.ts";
import type { Tensor } from "../../01-tensor/index.ts";
import { fromStored, type StoredType, stored } from "./elements.ts";
import { unzip } from "./zip.ts";

/** What PyTorch calls its storages. */
const storages: Readonly<Record<string, StoredType>> = {
  DoubleStorage: "float64",
  FloatStorage: "float32",
  HalfStorage: "float16",
  BFloat16Storage: "bfloat16",
  LongStorage: "int64",
  IntStorage: "int32",
  ShortStorage: "int16",
  CharStorage: "int8",
  ByteStorage: "uint8",
  BoolStorage: "bool",
};

/** A stretch of numbers of one type. */
interface Numbers {
  readonly type: StoredType;
  readonly bytes: Uint8Array;
}

/** A tensor as the file describes it: numbers may be shared by several. */
class Described {
  readonly numbers: Numbers;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];

  constructor(numbers: Numbers, offset: number, shape: readonly number[], strides: readonly number[]) {
    [this.numbers, this.offset, this.shape, this.strides] = [numbers, offset, shape, strides];
  }
}

/**
 * Reads the bytes of a `.pt` or `.pth` file that `torch.save` wrote: a state dict, or dicts and lists that hold tensors. A tensor
 * within others is named by its path: `model.fc.weight`.
 *
 * Such a file is a program in Python's pickle language. Nothing of it is run: of all names it may call, only the few that make
 * tensors and dicts are known.
 *
 * Throws  FormatError for what is no such file, for names that are not on the list, and for files of PyTorch before 1.6
 */
export function decodePt(bytes: Uint8Array, call = "decodePt"): Record<string, Tensor> {
  const files = openArchive(bytes, call);
  const content = unpickle(files, call);
  const tensors: Record<string, Tensor> = Object.create(null);
  collectTensors(content, [], tensors, call);
  if (Object.keys(tensors).length === 0)
    throw new FormatError(`${call}: no tensors in it — expected torch.save(model.state_dict(), path)`);
  return { ...tensors };
}

interface Archive {
  readonly program: Uint8Array;
  file(key: string): Uint8Array | undefined;
}

function openArchive(bytes: Uint8Array, call: string): Archive {
  expectBytes(call, bytes);
  if (bytes[0] === 0x80)
    throw new FormatError(
      `${call}: a bare pickle, as PyTorch before 1.6 wrote it — load it in PyTorch and save it anew`,
    );
  const files = unzip(bytes, call);
  const name = Object.keys(files).find((path) => /(^|\/)data\.pkl$/.test(path));
  if (name === undefined)
    throw new FormatError(`${call}: an archive without data.pkl — expected what torch.save writes`);
  const folder = name.slice(0, -"data.pkl".length);
  const order = files[`${folder}byteorder`];
  if (order && new TextDecoder().decode(order).trim() !== "little")
    throw new FormatError(`${call}: numbers in big-endian order — save it on another machine`);
  return { program: files[name], file: (key) => files[`${folder}data/${key}`] };
}

/** Runs the pickle with the few names that are allowed. */
function unpickle(archive: Archive, call: string): unknown {
  const rebuild = (...described: unknown[]) => describedBy(described, call);
  const allowed: Readonly<Record<string, (...args: never[]) => unknown>> = {
    "collections OrderedDict": () => new Map(),
    "torch._utils _rebuild_tensor_v2": rebuild,
    "torch._utils _rebuild_tensor": rebuild,
    "torch._utils _rebuild_parameter": (tensor: unknown) => tensor,
  };
  const resolve = (module: string, name: string): ((...args: never[]) => unknown) => {
    const type = module === "torch" && Object.hasOwn(storages, name) ? storages[name] : undefined;
    if (type) return Object.assign(() => type, { type });
    const known = `${module} ${name}`;
    if (Object.hasOwn(allowed, known)) return allowed[known];
    throw new FormatError(
      `${call}: it calls ${module}.${name} — only what makes tensors and dicts is allowed; save a state dict: ` +
        "torch.save(model.state_dict(), path)",
    );
  };
  const persistent = (id: unknown): Numbers => storageOf(id, archive, call);
  try {
    return new Parser({
      unpicklingTypeOfDictionary: "Map",
      nameResolver: { resolve },
      persistentResolver: { resolve: persistent as (id: string) => Numbers },
    }).parse(archive.program);
  } catch (error) {
    if (error instanceof FormatError) throw error;
    // What the reader stumbles over in its own code says nothing of the file.
    const why =
      error instanceof TypeError || error instanceof RangeError ? "" : ` (${(error as Error).message})`;
    throw new FormatError(`${call}: data.pkl is damaged${why}`, { cause: error });
  }
}

/** ("storage", class, key, place, count): where the numbers of a storage are. */
function storageOf(id: unknown, archive: Archive, call: string): Numbers {
  const [word, kind, key, , count] = Array.isArray(id) ? (id as unknown[]) : [];
  const type = (kind as { readonly type?: StoredType } | undefined)?.type;
  const bytes = typeof key === "string" ? archive.file(key) : undefined;
  if (word !== "storage" || !type || !bytes)
    throw new FormatError(`${call}: a storage that is not in the file — the file is damaged`);
  if (bytes.length === Number(count) * stored[type].bytes) return { type, bytes };
  throw new FormatError(
    `${call}: storage ${key} has ${bytes.length} bytes for ${count ?? "an unknown count of"} numbers of ${type} — the file is damaged`,
  );
}

/** The arguments of `_rebuild_tensor_v2`: they come from the file, and may be anything. */
function describedBy([numbers, offset, shape, strides]: readonly unknown[], call: string): Described {
  const isCount = (n: unknown): boolean => Number.isSafeInteger(n) && (n as number) >= 0;
  const areCounts = (list: unknown): list is number[] => Array.isArray(list) && list.every(isCount);
  const isNumbers = ArrayBuffer.isView((numbers as Numbers | undefined)?.bytes);
  if (
    !isNumbers ||
    !isCount(offset) ||
    !areCounts(shape) ||
    !areCounts(strides) ||
    shape.length !== strides.length
  )
    throw new FormatError(`${call}: a tensor without numbers, shape or strides — the file is damaged`);
  const { type, bytes } = numbers as Numbers;
  const [size, available] = [shape.reduce((product, n) => product * n, 1), bytes.length / stored[type].bytes];
  const last = shape.reduce((sum, n, dim) => sum + (n - 1) * strides[dim], offset as number);
  if (size === 0 || (size <= available && last < available))
    return new Described(numbers as Numbers, offset as number, shape, strides);
  throw new FormatError(
    `${call}: a tensor ${show(shape)} with strides ${show(strides)} in a storage of ${available} numbers — the file is damaged; ` +
      "if the tensor was expanded, save t.contiguous()",
  );
}

/** Files may hold lists that hold themselves. */
const DEEPEST = 50;

/** All tensors below a value, by their paths. */
function collectTensors(
  value: unknown,
  path: readonly (string | number)[],
  into: Record<string, Tensor>,
  call: string,
): void {
  if (path.length > DEEPEST)
    throw new FormatError(
      `${call}: more than ${DEEPEST} lists and dicts within each other — the file is damaged`,
    );
  if (value instanceof Described) {
    into[path.join(".") || "tensor"] = tensorOf(value, path.length ? `${call}: ${path.join(".")}` : call);
    return;
  }
  const parts = value instanceof Map ? value : Array.isArray(value) ? value.entries() : [];
  for (const [key, part] of parts) collectTensors(part, [...path, String(key)], into, call);
}

function tensorOf({ numbers: { type, bytes }, offset, shape, strides }: Described, call: string): Tensor {
  const all = fromStored(call, type, [bytes.length / stored[type].bytes], bytes);
  return shape.includes(0) ? all.newEmpty(shape) : all.newView(shape, strides, offset).contiguous();
}
