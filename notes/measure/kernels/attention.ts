import { spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import { noGrad, Random, randn, scope } from "tensorgrad";
import { scaledDotProductAttention } from "tensorgrad/nn";
import { useThreads } from "tensorgrad/runtime";
import { cpuTimes } from "../../lib/cpu-time.ts";
import { ONE_THREAD, report } from "../../lib/measure.ts";

/**
 * Note 12: causal attention forward, 48 heads of 32, as one kernel here and from its parts in PyTorch, one thread each, in turns.
 * Milliseconds of processor time, the best of all rounds: other programs only ever add to it. Needs a Python with PyTorch.
 */
const [HEADS, WIDTH, ROUNDS, CALLS] = [48, 32, 15, 20];
useThreads(1);

/** Three ways: as written first, in place, and mask, scale and product in one call. */
const TORCH = `
import json, sys, time, torch
torch.set_num_threads(1)
def ways(T):
    q, k, v = (torch.randn(${HEADS}, T, ${WIDTH}) for _ in range(3))
    hidden = torch.ones(T, T, dtype=torch.bool).triu(1)
    added = torch.zeros(T, T).masked_fill(hidden, float("-inf")).expand(${HEADS}, T, T)
    scale, never, kt = ${WIDTH} ** -0.5, float("-inf"), k.transpose(-2, -1)
    return {
        "plain": lambda: torch.softmax((q @ kt * scale).masked_fill(hidden, never), -1) @ v,
        "inPlace": lambda: torch.softmax((q @ kt).mul_(scale).masked_fill_(hidden, never), -1) @ v,
        "oneCall": lambda: torch.softmax(torch.baddbmm(added, q, kt, alpha=scale), -1) @ v,
    }
print(json.dumps({"version": torch.__version__}), flush=True)
known = {}
for line in sys.stdin:
    T = int(line)
    out = {}
    for name, run in known.setdefault(T, ways(T)).items():
        run()
        times = []
        for _ in range(${CALLS}):
            start = time.process_time()
            run()
            times.append(time.process_time() - start)
        out[name] = min(times) * 1e3
    print(json.dumps(out), flush=True)
`;

type Times = Readonly<Record<string, number>>;
const least = (all: readonly Times[]): Times =>
  Object.fromEntries(Object.keys(all[0]).map((way) => [way, Math.min(...all.map((one) => one[way]))]));

const program = ["python3", "/usr/bin/python3"].find(
  (name) => spawnSync(name, ["-c", "import torch"], { stdio: "ignore" }).status === 0,
);
if (program === undefined)
  throw new Error("attention: no python3 has PyTorch — on Debian: apt-get install python3-torch");
const python = spawn(program, ["-c", TORCH], {
  stdio: ["pipe", "pipe", "inherit"],
  env: { ...process.env, ...ONE_THREAD },
});
const lines = createInterface({ input: python.stdout })[Symbol.asyncIterator]();
async function heard(): Promise<unknown> {
  const { done, value } = await lines.next();
  if (done) throw new Error("attention: python3 ended — its last words say why");
  return JSON.parse(value);
}

/** Milliseconds of both at one length. */
async function compared(length: number) {
  const random = new Random(length);
  const [q, k, v] = Array.from({ length: 3 }, () => randn([1, HEADS, length, WIDTH], { random }));
  const fused = () => {
    using _ = scope();
    noGrad(() => scaledDotProductAttention(q, k, v, { causal: true }));
  };
  for (let call = 0; call < 200; call++) fused(); // until it is compiled well
  const [own, theirs]: [Times[], Times[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    python.stdin.write(`${length}\n`);
    theirs.push((await heard()) as Times);
    own.push(cpuTimes({ fused }, CALLS));
  }
  const [fusedMs, torch] = [least(own).fused / 1e3, least(theirs)];
  return { length, fused: fusedMs, torch, gain: Math.min(...Object.values(torch)) / fusedMs };
}

const { version } = (await heard()) as { readonly version: string };
const lengths = [];
for (const length of [64, 128]) lengths.push(await compared(length));
python.stdin.end();
report({ heads: HEADS, width: WIDTH, torch: version, lengths });
