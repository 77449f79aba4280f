import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Random } from "../src/00-runtime/random/random.ts";
import { stretches } from "../src/00-runtime/split.ts";
import { kernelModule } from "../src/00-runtime/wasm.ts";
import { Arena } from "../src/agreement/agreement.ts";
import { anyNumbers, type KernelArray, type KernelCall, numbersIn } from "../src/agreement/calls.ts";
import { kernelCases, SPLITS } from "../src/agreement/cases.ts";

const levels = (["baseline", "relaxed"] as const).filter((level) => kernelModule(level));
const arenas = levels.map((level) => new Arena(level));
const rows = kernelCases().filter(({ name }) => arenas[0].has(name));

describe("a kernel in WebAssembly", () => {
  it("says how it is divided between threads (by its name in *.split.ts), or in its row why not", () => {
    const silent = rows.filter(({ name, undivided }) => !(name in SPLITS) && undivided === undefined);
    expect(silent.map(({ name }) => name)).toEqual([]);
  });

  it("has a row for each rule", () => {
    const names = rows.map(({ name }) => name);
    expect(Object.keys(SPLITS).length).toBeGreaterThan(60);
    expect(Object.keys(SPLITS).filter((name) => !names.includes(name))).toEqual([]);
  });
});

describe("a divided call gives the bits of the whole one", () => {
  for (const { name, calls, scratch } of rows.filter(({ name }) => name in SPLITS)) {
    it(name, () => {
      const random = new Random(11);
      for (const call of calls(() => random.uniform())) expectSameBits(name, call, [2, 3, 7], scratch);
    });
  }

  it("gemm, of any size and layout", () => {
    const size = fc.integer({ min: 1, max: 140 });
    const factor = fc.constantFrom(0, 1, -0.5);
    fc.assert(
      fc.property(
        fc.record({ m: size, n: size, k: fc.integer({ min: 0, max: 900 }) }),
        fc.record({ a: fc.boolean(), b: fc.boolean(), seed: fc.nat() }),
        fc.tuple(factor, factor),
        ({ m, n, k }, { a, b, seed }, [alpha, beta]) => {
          const random = new Random(seed);
          const numbers = (count: number) => numbersIn(() => random.uniform(), count);
          const [aStrides, bStrides] = [a ? [1, m] : [k, 1], b ? [1, k] : [n, 1]];
          const arrays = [numbers(m * k), numbers(k * n), numbers(m * n)];
          const call = [...arrays, m, n, k, ...aStrides, ...bStrides, n, alpha, beta];
          expectSameBits("gemm", call, [4]);
        },
      ),
      { numRuns: 150 },
    );
  });

  it("elementwise and row by row, of any size", () => {
    fc.assert(
      fc.property(
        fc.record({ height: fc.integer({ min: 1, max: 9 }), width: fc.integer({ min: 1, max: 300 }) }),
        fc.constantFrom("add", "lt", "exp", "gelu", "sum", "max", "softmax"),
        fc.record({ parts: fc.integer({ min: 2, max: 5 }), seed: fc.nat() }),
        ({ height, width }, name, { parts, seed }) => {
          const random = new Random(seed);
          const n = height * width;
          const x = () => anyNumbers(() => random.uniform(), n);
          const shape = [height, width];
          const calls: Record<string, KernelCall> = {
            add: [x(), x(), new Float32Array(n), ...shape, width, 1, width, 1],
            lt: [x(), x(), new Uint8Array(n), ...shape, width, 1, width, 1],
            sum: [x(), new Float32Array(width), width, height, 1, width], // over rows: columns side by side
            max: [x(), new Float32Array(width), width, height, 1, width],
            softmax: [x(), new Float32Array(n), ...shape],
          };
          const unary = [x(), new Float32Array(n), ...shape, width, 1];
          expectSameBits(name, calls[name] ?? unary, [parts]);
        },
      ),
      { numRuns: 300 },
    );
  });
});

/** Runs a call whole and, for each count, in so many parts, the last one first, on every build. */
function expectSameBits(name: string, call: KernelCall, counts: readonly number[], scratch?: number): void {
  for (const arena of arenas) {
    const whole = arena.run(name, call, 1).map(bytes);
    for (const parts of counts) {
      const divided = inParts(arena, name, call, parts);
      whole.forEach((array, i) => {
        if (i === scratch) return;
        expect(bytes(divided[i]).equals(array), `array ${i} of ${name} in ${parts} parts`).toBe(true);
      });
    }
  }
}

function inParts(arena: Arena, name: string, call: KernelCall, parts: number): KernelArray[] {
  const split = SPLITS[name];
  return arena.run(name, call, 1, (args) => {
    const division = split(...args);
    if (!division) return [args];
    const ends = stretches(division, parts, 1e-6);
    return ends
      .slice(1)
      .map((end, i) => division.part(ends[i], end - ends[i]))
      .reverse();
  });
}

/** Bits of NaN are left open by WebAssembly, and differ between V8's compilers even on one thread: every NaN is made the same. */
function bytes(array: KernelArray): Buffer {
  const plain = array instanceof Float32Array ? array.map((x) => (Number.isNaN(x) ? Number.NaN : x)) : array;
  return Buffer.from(plain.buffer, plain.byteOffset, plain.byteLength);
}
