// A small training run that any runtime can do: Node without this or that, and pages in browsers
// (scripts/browser-check.ts).

import { heap, manualSeed, randn, scope, type Tensor, tensor, zeros } from "../src/entries/index.ts";
import { Linear, mse, Sequential, Tanh } from "../src/entries/nn.ts";
import { Adam } from "../src/entries/optim.ts";
import { kernelLevel, threads } from "../src/entries/runtime.ts";

export interface RuntimeReport {
  /** What the runtime gave. */
  readonly shared: boolean;
  readonly level: string | null;
  readonly memoryMB: number;
  readonly threads: ReturnType<typeof threads>;
  /** What was computed: equal everywhere, bit for bit. */
  readonly losses: readonly number[];
  readonly weights: readonly number[];
  /** A product large enough for threads, and its checksum. */
  readonly product: number;
  /** What the model and its optimizer hold. */
  readonly liveBytes: number;
}

/** XOR learned from four examples, and one product of matrices. */
export function trainXor(steps = 300): RuntimeReport {
  const before = heap.live;
  manualSeed(1);
  const x = tensor([0, 0, 0, 1, 1, 0, 1, 1]).reshape(4, 2);
  const y = tensor([0, 1, 1, 0]).reshape(4, 1);
  const model = new Sequential(new Linear(2, 8), new Tanh(), new Linear(8, 1));
  const optimizer = new Adam(model.parameters(), { lr: 0.02 });
  const losses: number[] = [];
  for (let i = 0; i < steps; i++) {
    using _ = scope();
    const loss = mse(model.forward(x), y);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    if (i % 50 === 0 || i === steps - 1) losses.push(loss.item());
  }
  return {
    shared: heap.shared,
    level: kernelLevel(),
    memoryMB: heap.limit / 2 ** 20,
    threads: threads(),
    losses,
    weights: model.parameters().flatMap((p: Tensor) => [...p.data]),
    product: productSum(),
    liveBytes: heap.live - before,
  };
}

/** Grows the heap by some megabytes on the way: views made before must stay true. */
function productSum(): number {
  using _ = scope();
  const a = randn([200, 300]);
  const { data } = a;
  const before = data[12_345];
  zeros([4_000_000]);
  const sum = a
    .matmul(randn([300, 700]))
    .sin()
    .sum()
    .item();
  return data[12_345] === before ? sum : Number.NaN;
}

/** Takes memory until there is no more, gives it back and goes on; returns what the error said. */
export function fillHeap(): { readonly message: string; readonly sum: number; readonly liveBytes: number } {
  let message = "";
  const before = heap.live;
  try {
    using _ = scope();
    for (;;) zeros([2_000_000]);
  } catch (error) {
    message = String(error);
  }
  using _ = scope();
  return { message, liveBytes: heap.live - before, sum: zeros([2_000_000]).add(1).sum().item() };
}
