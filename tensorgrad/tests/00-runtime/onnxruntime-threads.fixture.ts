/** Multiplies on two threads through ONNX Runtime, as a program that tsx has compiled. Prints "right", or why there is nothing. */
import { setTimeout } from "node:timers/promises";
import { ones } from "tensorgrad";
import { blas, threads, useBlas, useThreads } from "tensorgrad/runtime";

useBlas("onnxruntime");
useThreads(2);
const a = ones([512, 512]);
if (blas().library === null) console.log(blas().refused.join("; "));
else {
  while (threads().working < 2 && threads().failure === null) {
    a.matmul(a);
    await setTimeout(2);
  }
  const wrong = a.matmul(a).ne(512).any().item();
  console.log(threads().failure ?? (wrong ? "wrong" : "right"));
}
