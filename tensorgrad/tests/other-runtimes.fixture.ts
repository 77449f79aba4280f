/** Large products on two threads, by the own kernels and by a BLAS if there is one; prints whether all bits are equal. */
import { manualSeed, randn, scope } from "../src/entries/index.ts";
import { blas, threads, useBlas, useThreads } from "../src/entries/runtime.ts";

manualSeed(1);
useThreads(1);
const [a, b] = [randn([512, 512]), randn([512, 512])];
const product = () => {
  using _ = scope();
  return String(a.matmul(b).data);
};
const same: Record<string, boolean> = {};
for (const setting of ["off", "auto"]) {
  useBlas(setting);
  useThreads(1);
  const expected = product();
  useThreads(2);
  for (const deadline = Date.now() + 20_000; threads().working < 2 && Date.now() < deadline; ) {
    using _ = scope();
    a.matmul(b);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  same[setting] = Array.from({ length: 5 }, product).every((bits) => bits === expected);
}
console.log(JSON.stringify({ same, threads: threads(), blas: blas().library?.name ?? null }));
useThreads(1);
