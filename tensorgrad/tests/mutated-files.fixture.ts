import { DisposedError, FormatError, HeapError, Random, ShapeError, scope, tensor } from "tensorgrad";
import { parseCsv } from "tensorgrad/data/node";
import { decodeTensors, encodeTensors } from "tensorgrad/train";
import { decodeNpy, decodeNpz, decodePt } from "tensorgrad/train/node";
import { bytesOf } from "./07-training/foreign-files.fixture.ts";
import { mutated } from "./mutated.fixture.ts";

/** What became of mutated files of one kind. */
export interface Outcomes {
  files: number;
  refused: number;
  read: number;
  /** Errors that are not of our own kind: the first ones, each with its seed. */
  readonly strange: string[];
  /** Of one file, in ms. */
  longest: number;
}

/** A kind of file: some to start from, and who reads it. */
interface Kind {
  readonly originals: () => Uint8Array[];
  readonly read: (bytes: Uint8Array) => unknown;
}

const TABLE = `age,town,"what, then",income
31,Bern,a,4.5
28,"New
York",b,7
57,Bern,"say ""no""",3e2
40,Lima,a,-1
`;

const tables = (): Uint8Array[] => {
  const text = new TextEncoder();
  const tabs = TABLE.replaceAll(/,(?=[^ ])/g, "\t");
  return [text.encode(TABLE), text.encode(`\ufeff${TABLE}`), text.encode(tabs)];
};

const weights = (): Uint8Array[] => {
  using _ = scope();
  const tensors = { weight: tensor([[1, 2, 3]]), count: tensor([1, 2], { dtype: "int32" }), b: tensor([[]]) };
  return [encodeTensors(tensors), encodeTensors(tensors, { made: "here" })];
};

const foreign = (names: readonly Parameters<typeof bytesOf>[0][]) => () => names.map(bytesOf);

export const KINDS: Readonly<Record<string, Kind>> = {
  safetensors: { originals: weights, read: (bytes) => decodeTensors(bytes) },
  npy: { originals: foreign(["npy", "npyFortran", "npyLong", "npyHalf"]), read: (bytes) => decodeNpy(bytes) },
  npz: { originals: foreign(["npz"]), read: (bytes) => decodeNpz(bytes) },
  pt: { originals: foreign(["pt", "ptTensor"]), read: (bytes) => decodePt(bytes) },
  csv: { originals: tables, read: (bytes) => parseCsv(bytes, { target: "income" }) },
};

/** Mutates and reads so many files of a kind. */
export function fuzzFiles(kind: string, runs: number, seed: number): Outcomes {
  const { originals, read } = KINDS[kind];
  const files = originals();
  const outcomes: Outcomes = { files: runs, refused: 0, read: 0, strange: [], longest: 0 };
  for (let i = 0; i < runs; i++) {
    const bytes = mutated(files[i % files.length], new Random(seed + i));
    const started = performance.now();
    try {
      inScope(() => read(bytes));
      outcomes.read++;
    } catch (error) {
      if (isOurs(error)) outcomes.refused++;
      else if (outcomes.strange.length < 20) outcomes.strange.push(`seed ${seed + i}: ${String(error)}`);
    }
    outcomes.longest = Math.max(outcomes.longest, performance.now() - started);
  }
  return outcomes;
}

/** A function of its own: esbuild remembers an error of a `using` in a loop for all rounds after it. */
function inScope(run: () => unknown): void {
  using _ = scope();
  run();
}

/** Of our own kind: our classes, and a message in our words. */
const isOurs = (error: unknown): boolean =>
  error instanceof Error &&
  [FormatError, ShapeError, HeapError, DisposedError].some((kind) => error instanceof kind) &&
  !/undefined|not a function|not iterable|Cannot (read|convert|mix)/.test(error.message);
