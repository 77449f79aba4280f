import { heap, rand, scope, type Tensor } from "tensorgrad";
import { kernelChoice, useBlas, useKernels, useThreads } from "tensorgrad/runtime";
import { compared, exponent, milliseconds, report } from "../lib/measure.ts";

/**
 * Note 01: what layout, views, broadcasting and matrix products cost. One thread, own kernels.
 */
useBlas("off");
useThreads(1);
const MB = 2 ** 20;

/** Bytes that a call leaves on the heap, its result alive. */
function bytes(make: () => Tensor): number {
  using _ = scope();
  const before = heap.live;
  make();
  return heap.live - before;
}

/** Reading 16 million numbers in the order in which they lie, and across it. */
function layout() {
  const n = 4096;
  const { data } = rand([n, n]);
  const walk = (outer: number, inner: number): number => {
    let sum = 0;
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) sum += data[i * outer + j * inner];
    return sum;
  };
  const sums: number[] = [];
  const times = compared({ rows: () => sums.push(walk(n, 1)), columns: () => sums.push(walk(1, n)) });
  return { ...times, ratio: times.columns / times.rows, megabytes: data.byteLength / MB, sums: sums.length };
}

function views() {
  const x = rand([1024, 1024]);
  return {
    transposeBytes: bytes(() => x.t()),
    expandBytes: bytes(() => x.select(0, 0).expand([1024, 1024])),
    contiguousBytes: bytes(() => x.t().contiguous()),
  };
}

/** A row added to every row: through strides, and with the row written out first. */
function broadcasting() {
  const [x, row] = [rand([1024, 1024]), rand([1024])];
  const inScope = (make: () => Tensor) => () => {
    using _ = scope();
    make();
  };
  const through = () => x.add(row);
  const writtenOut = () => x.add(row.expand([1024, 1024]).clone());
  const times = compared({ through: inScope(through), writtenOut: inScope(writtenOut) }, { rounds: 40 });
  return { ...times, throughMB: bytes(through) / MB, writtenOutMB: bytes(writtenOut) / MB };
}

/** Time of a square product over n, by the plain loops and by the packed kernel. */
function products() {
  const usual = kernelChoice();
  const sizes = [16, 32, 64, 128, 256, 512];
  const points = sizes.map((n) => {
    const [a, b] = [rand([n, n]), rand([n, n])];
    const multiply = () => {
      using _ = scope();
      a.matmul(b);
    };
    const timed = (kernels: "reference" | "simd") => {
      useKernels(kernels);
      // In bundles: one small product is shorter than the clock can tell.
      const repeat = Math.max(1, Math.round((128 / n) ** 2));
      const bundle = () => {
        for (let i = 0; i < repeat; i++) multiply();
      };
      return milliseconds(bundle, { rounds: n > 256 ? 5 : 15, warmUp: n > 256 ? 1 : 5 }) / repeat;
    };
    return { n, loops: timed("reference"), packed: timed("simd") };
  });
  useKernels(usual);
  const last = points[points.length - 1];
  const gflops = (ms: number) => (2 * last.n ** 3) / ms / 1e6;
  return {
    points,
    loopsExponent: exponent(points.slice(2).map(({ n, loops }) => [n, loops])),
    loopsGflops: gflops(last.loops),
    packedGflops: gflops(last.packed),
    ratio: last.loops / last.packed,
  };
}

report({ layout: layout(), views: views(), broadcasting: broadcasting(), products: products() });
