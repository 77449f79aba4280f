import { spawnSync } from "node:child_process";
import { grad, heap, Random, randn, scope, stack, type Tensor, zeros } from "tensorgrad";
import { GRU, LSTM, RNN } from "tensorgrad/nn";
import { threads, useThreads } from "tensorgrad/runtime";
import { cpuTimes } from "../lib/cpu-time.ts";
import { exponent, ONE_THREAD, report } from "../lib/measure.ts";

/** Note 20: how far gradients reach, what a sequence keeps for backward, and what fused steps save. */
const random = new Random(20);
type Network = RNN | LSTM | GRU;

/** The least-squares slope of ln y over x, as a factor per unit of x. */
function factor(points: readonly (readonly [x: number, y: number])[]): number {
  const n = points.length;
  const [mx, my] = [0, 1].map((k) => points.reduce((sum, p) => sum + (k ? Math.log(p[1]) : p[0]), 0) / n);
  const [xy, xx] = points.reduce(
    ([xy, xx], [x, y]) => [xy + (x - mx) * (Math.log(y) - my), xx + (x - mx) ** 2],
    [0, 0],
  );
  return Math.exp(xy / xx);
}

const [REACH, HIDDEN] = [64, 64];

/** The norm of ∂(v·h_T)/∂x_t against the distance T − t, relative to the nearest. */
function reach(net: Network) {
  using _ = scope();
  const x = randn([REACH, 16, HIDDEN], { random, requiresGrad: true });
  const last = net.run(x).state[0];
  const [g] = grad(last.mul(randn(last.shape, { random })).sum(), [x]);
  const norms = Array.from({ length: REACH }, (_, d) =>
    g
      .select(0, REACH - 1 - d)
      .norm()
      .item(),
  );
  const points = norms.map((norm, d) => [d, norm / norms[0]] as const);
  return { perStep: factor(points.slice(4, 40)), points };
}

/** An LSTM whose forget gates begin at σ(bias). */
function withForgetBias(bias: number): LSTM {
  const net = new LSTM(HIDDEN, HIDDEN, { random });
  const values = net.bias_ih_l0.data.slice();
  for (let j = HIDDEN; j < 2 * HIDDEN; j++) values[j] += bias;
  net.bias_ih_l0.assign(values);
  return net;
}

/** The same LSTM in operations of its own for everything, step by step. */
function composed(net: LSTM, x: Tensor): Tensor {
  const [W, R] = [net.weight_ih_l0.t(), net.weight_hh_l0.t()];
  const [T, B] = x.shape;
  let [h, c] = [zeros([B, net.hiddenSize]), zeros([B, net.hiddenSize])];
  const outputs: Tensor[] = [];
  for (let t = 0; t < T; t++) {
    const sums = x.select(0, t).matmul(W).add(net.bias_ih_l0).add(h.matmul(R)).add(net.bias_hh_l0);
    const [i, f, g, o] = sums.chunk(4, 1);
    c = f.sigmoid().mul(c).add(i.sigmoid().mul(g.tanh()));
    h = o.sigmoid().mul(c.tanh());
    outputs.push(h);
  }
  return stack(outputs);
}

/** Bytes that a forward pass leaves on the heap, per number of h. */
function kept(run: () => Tensor): number {
  using _ = scope();
  const before = heap.live;
  const { size } = run();
  return (heap.live - before) / size / 4;
}

const [B, IN, H] = [32, 128, 128];
const lstm = new LSTM(IN, H, { random });
const input = (T: number) => randn([T, B, IN], { random });

function memory() {
  const lengths = [16, 32, 64, 128, 256];
  const bytes = lengths.map((T) => {
    const x = input(T);
    return [T, kept(() => lstm.forward(x)) * T * B * H * 4] as const;
  });
  const x = input(64);
  return {
    numbersPerCell: kept(() => lstm.forward(x)),
    composed: kept(() => composed(lstm, x)),
    exponent: exponent(bytes),
    points: bytes,
  };
}

const step = (net: Network, forward: () => Tensor) => () => {
  using _ = scope();
  net.zeroGrad();
  forward().sum().backward();
};

/** Milliseconds of processor time, the best of 15 rounds in turns: other programs only ever add to it. */
function milliseconds<Name extends string>(ways: Readonly<Record<Name, () => void>>): Record<Name, number> {
  for (const run of Object.values<() => void>(ways)) for (let call = 0; call < 10; call++) run();
  const times = Object.entries<number>(cpuTimes(ways, 15)).map(([name, time]) => [name, time / 1e3]);
  return Object.fromEntries(times) as Record<Name, number>;
}

/** Of forward and backward, on one thread. */
function speed() {
  const initial = threads().wanted;
  useThreads(1);
  const x = input(32);
  const networks = [new RNN(IN, H, { random }), lstm, new GRU(IN, H, { random })];
  const [rnn, fused, gru] = networks.map((net) => step(net, () => net.forward(x)));
  const found = milliseconds({ rnn, fused, gru, composed: step(lstm, () => composed(lstm, x)) });
  const small = randn([32, 1, 16], { random });
  const tiny = new LSTM(16, 16, { random });
  const few = milliseconds({
    fused: step(tiny, () => tiny.forward(small)),
    composed: step(tiny, () => composed(tiny, small)),
  });
  useThreads(initial);
  return { ...found, gain: found.composed / found.fused, tiny: { ...few, gain: few.composed / few.fused } };
}

const TORCH = `
import json, time, torch
torch.set_num_threads(1)
x = torch.randn(32, ${B}, ${IN})
out = {}
for kind in ("RNN", "LSTM", "GRU"):
    net, times = getattr(torch.nn, kind)(${IN}, ${H}), []
    for i in range(18):
        start = time.process_time()
        net.zero_grad()
        net(x)[0].sum().backward()
        times.append(time.process_time() - start)
    out[kind.lower()] = min(times[3:]) * 1e3
print(json.dumps({"version": torch.__version__, **out}))
`;

/** The same in PyTorch, one thread; null where there is none. */
function torch(): unknown {
  for (const python of ["python3", "/usr/bin/python3"]) {
    const env = { ...process.env, ...ONE_THREAD };
    const { status, stdout } = spawnSync(python, ["-c", TORCH], { encoding: "utf8", env });
    if (status === 0) return JSON.parse(stdout);
  }
  return null;
}

const gradients = {
  rnn: reach(new RNN(HIDDEN, HIDDEN, { random })),
  lstm: reach(new LSTM(HIDDEN, HIDDEN, { random })),
  gru: reach(new GRU(HIDDEN, HIDDEN, { random })),
  forget2: reach(withForgetBias(2)),
  forget4: reach(withForgetBias(4)),
};

/** The largest eigenvalue of R, by size: about √(H·variance) for independent entries. */
const radius = Math.sqrt(HIDDEN * (1 / (3 * HIDDEN)));

report({
  reach: {
    ...gradients,
    predictedRnn: radius,
    predictedForget2: 1 / (1 + Math.exp(-2)),
    predictedForget4: 1 / (1 + Math.exp(-4)),
  },
  memory: memory(),
  speed: { ...speed(), torch: torch() },
});
