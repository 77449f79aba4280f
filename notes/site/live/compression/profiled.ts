import { noGrad, scope, type Tensor } from "tensorgrad";
import type { ImageDataset } from "tensorgrad/data";
import { crossEntropy, type Sequential } from "tensorgrad/nn";
import { SGD } from "tensorgrad/optim";
import { type FlameNode, measureCeilings, type ProfileRow, profile } from "tensorgrad/profiling";
import { compressed } from "./compress.ts";
import type { Frame, Profilable, Profiled, Row } from "./work.ts";

const BATCH = 100;
/** The fastest counts: what else the machine does only ever adds to it. */
const RUNS_MEASURED = 5;

/** A run of the network under `profile()`, when it is warm; and what this machine can do at best. */
export function profiled(whole: Sequential, digits: ImageDataset, run: Profilable): Profiled {
  using _ = scope();
  const { x, y } = digits.batch(Array.from({ length: BATCH }, (_, i) => i));
  const model = compressed(whole, { bits: "32", sparsity: 0 }); // a copy: the step changes it
  const optimizer = new SGD(model.parameters(), { lr: 0.01 });
  const once = () => RUN[run](model, x, y, optimizer);
  for (let i = 0; i < 3; i++) once();
  const runs = Array.from({ length: RUNS_MEASURED }, () => profile(once));
  const found = runs.reduce((best, other) => (other.wallMs < best.wallMs ? other : best));
  const layers = new Map([...model.modules()].map(([path, layer]) => [path, layer.constructor.name]));
  const ceilings = measureCeilings({ rounds: 3 });
  return {
    wallMs: found.wallMs,
    tree: { ...frameOf(found.tree, layers), name: "all", ms: found.wallMs },
    rows: found.rows.map(rowOf),
    sentences: found.bottlenecks(ceilings),
    ceilings,
  };
}

const RUN: Readonly<Record<Profilable, (model: Sequential, x: Tensor, y: Tensor, optimizer: SGD) => void>> = {
  forward(model, x) {
    using _ = scope();
    using __ = noGrad();
    model.forward(x);
  },
  step(model, x, y, optimizer) {
    using _ = scope();
    optimizer.zeroGrad();
    crossEntropy(model.forward(x), y).backward();
    optimizer.step();
  },
};

/** Frames that stand for a phase or a layer last as long as what is in them. A layer's place gets its class: `0 Conv2d`. */
function frameOf({ name, ms, children }: FlameNode, layers: ReadonlyMap<string, string>): Frame {
  const inner = [...children.values()].map((child) => frameOf(child, layers));
  const inside = inner.reduce((sum, child) => sum + child.ms, 0);
  const layer = name === "" ? undefined : layers.get(name);
  return { name: layer ? `${name} ${layer}` : name, ms: Math.max(ms, inside), children: inner };
}

const rowOf = ({ path, operation, phase, calls, ms, flops, bytesRead, bytesWritten }: ProfileRow): Row => ({
  name: `${path ? `${path}: ` : ""}${operation}${phase === "backward" ? " backward" : ""}`,
  ...{ calls, ms, flops, bytes: bytesRead + bytesWritten },
});
