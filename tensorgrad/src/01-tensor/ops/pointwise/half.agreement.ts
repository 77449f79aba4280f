import { everyBinade, type KernelCall, LENGTHS, numbersIn, type Uniform } from "../../../agreement/calls.ts";
import { EXACT, each, type KernelCase } from "../../../agreement/case.ts";

/** All 65,536 patterns, and every length. */
function* widenings(random: Uniform): Iterable<KernelCall> {
  const all = Uint16Array.from({ length: 65_536 }, (_, bits) => bits);
  yield [all, new Float32Array(all.length), all.length];
  for (const n of LENGTHS) {
    const bits = Uint16Array.from({ length: n }, () => Math.floor(random() * 65_536));
    yield [bits, new Float32Array(n), n];
  }
}

/** Numbers of all sizes, but no NaN: of their bits only the float32 form knows, see half.test.ts. Those half-way between two neighbours, and just beside them; every length. */
function* narrowings(random: Uniform): Iterable<KernelCall> {
  const words = Uint32Array.from({ length: 65_536 }, (_, upper) => upper << 16);
  for (const lower of [0, 1, 0x0fff, 0x1000, 0x1001, 0x7fff, 0x8000, 0x8001, 0xf000, 0xffff]) {
    const x = new Float32Array(words.map((word) => word | lower).buffer).filter(
      (value) => !Number.isNaN(value),
    );
    yield [x, new Uint16Array(x.length), x.length];
  }
  const spread = everyBinade(random, 50).filter((value) => !Number.isNaN(value));
  yield [spread, new Uint16Array(spread.length), spread.length];
  for (const n of LENGTHS) yield [numbersIn(random, n, -70_000, 70_000), new Uint16Array(n), n];
}

export const cases: readonly KernelCase[] = [
  ...each("float16ToFloat32 bfloat16ToFloat32", 0, EXACT, widenings),
  ...each("float32ToFloat16 float32ToBfloat16", 0, "rounded once, to even", narrowings),
];
