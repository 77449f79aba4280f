import { unzipSync, zipSync } from "fflate";
import { FormatError, heap, Random, randn, scope } from "tensorgrad";
import { parseCsv } from "tensorgrad/data/node";
import { decodeTensors, encodeTensors } from "tensorgrad/train";
import { decodeNpy, decodeNpz, decodePt } from "tensorgrad/train/node";
import { bytesOf } from "../07-training/foreign-files.fixture.ts";
import { mutated } from "../mutated.fixture.ts";

/** What became of the mutated files of one kind. */
export interface Fate {
  readonly files: number;
  readonly refused: number;
  readonly read: number;
  /** Errors that are not of our own kind: the first ones, each with its seed. */
  readonly strange: readonly string[];
  /** Of one file, in ms. */
  readonly longest: number;
  /** Bytes that reading one took on the tensor heap, at most, for each byte of the file. */
  readonly mostMemory: number;
}

export const noFate: Fate = { files: 0, refused: 0, read: 0, strange: [], longest: 0, mostMemory: 0 };

const TABLE = `size,weight,colour,"a, quoted",kind
1.5,2,red,"x ""y""",a
2.5,,blue,"two
lines",b
-3e2,4,red,z,a
`;

/** A zip whose parts are damaged, and not only the zip: its checksums are right. */
function inside(bytes: Uint8Array, random: Random): Uint8Array {
  const parts = unzipSync(bytes);
  const names = Object.keys(parts);
  const name = names[Math.floor(random.uniform() * names.length)];
  return zipSync({ ...parts, [name]: mutated(parts[name], random) }, { level: 0 });
}

type Mutate = (bytes: Uint8Array, random: Random) => Uint8Array;

interface Kind {
  readonly originals: () => readonly Uint8Array[];
  readonly read: (bytes: Uint8Array) => unknown;
  readonly mutates: readonly Mutate[];
}

export const kinds: Readonly<Record<string, Kind>> = {
  safetensors: {
    originals: () => [
      encodeTensors({
        weight: randn([3, 4], { random: new Random(1) }),
        bias: randn([4], { random: new Random(2) }),
      }),
      encodeTensors({ a: randn([2, 2], { random: new Random(1) }).to("float16") }, { epoch: "3" }),
    ],
    read: decodeTensors,
    mutates: [mutated],
  },
  npy: {
    originals: () => (["npy", "npyFortran", "npyBig", "npyBool", "npyHalf"] as const).map(bytesOf),
    read: decodeNpy,
    mutates: [mutated],
  },
  npz: { originals: () => [bytesOf("npz")], read: decodeNpz, mutates: [mutated, inside] },
  pt: {
    originals: () => (["pt", "ptTensor"] as const).map(bytesOf),
    read: decodePt,
    mutates: [mutated, inside, inside],
  },
  csv: {
    originals: () => [
      new TextEncoder().encode(TABLE),
      new TextEncoder().encode(`\uFEFF${TABLE.replaceAll(",", ";")}`),
    ],
    read: (bytes) => parseCsv(bytes, { target: "kind", missing: "mean" }),
    mutates: [mutated],
  },
};

/** Mutates so many files of a kind, and reads them. */
export function fate(kind: Kind, files: number, seed: number): Fate {
  using _ = scope();
  const originals = kind.originals();
  let [refused, read, longest, mostMemory] = [0, 0, 0, 0];
  const strange: string[] = [];
  for (let i = 0; i < files; i++) {
    const random = new Random(seed + i);
    const mutate = kind.mutates[i % kind.mutates.length];
    const bytes = mutate(originals[i % originals.length], random);
    const started = performance.now();
    const before = heap.live;
    using _ = scope();
    try {
      kind.read(bytes);
      read++;
      mostMemory = Math.max(mostMemory, (heap.live - before) / bytes.length);
    } catch (error) {
      if (isOurs(error)) refused++;
      else strange.push(`seed ${seed + i}: ${String(error)}`);
    }
    longest = Math.max(longest, performance.now() - started);
  }
  return { files, refused, read, strange: strange.slice(0, 20), longest, mostMemory };
}

export const both = (a: Fate, b: Fate): Fate => ({
  files: a.files + b.files,
  refused: a.refused + b.refused,
  read: a.read + b.read,
  strange: [...a.strange, ...b.strange].slice(0, 20),
  longest: Math.max(a.longest, b.longest),
  mostMemory: Math.max(a.mostMemory, b.mostMemory),
});

/** A FormatError that names the call; no mistake of a program speaks in it. */
const isOurs = (error: unknown): boolean =>
  error instanceof FormatError &&
  /^(decode|parse)\w+/.test(error.message) &&
  !/properties of|NaN elements|not a function|not iterable/.test(error.message);
