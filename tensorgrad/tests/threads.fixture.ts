/** Multiplies on two threads, in the main thread and then in a worker of Node's, and prints what became of it. */
import { isMainThread, Worker } from "node:worker_threads";
import { useBlas } from "../src/00-runtime/blas/blas.ts";
import { threads, useThreads } from "../src/00-runtime/threads/threads.ts";
import { randn, scope } from "../src/entries/index.ts";

useBlas("off");
const [a, b] = [randn([256, 256]), randn([256, 256])];
const product = () => String(a.matmul(b).toArray());
useThreads(1);
const expected = product();
useThreads(2);
for (const deadline = Date.now() + 20_000; threads().working < 2 && Date.now() < deadline; ) {
  using _scope = scope();
  a.matmul(b); // nothing here gives the event loop a turn
}
const report = { working: threads().working, same: product() === expected };
console.log(JSON.stringify(report));
if (isMainThread) new Worker(new URL(import.meta.url));
