import { tensor, toSvg } from "tensorgrad";
import { lineChart } from "tensorgrad/plots";
import { readLog } from "../lib/logs.ts";

/** One layer and its loss, after backward: what is recorded, and what is a leaf. */
function graph(): Promise<string> {
  const x = tensor([[1, 2]]);
  const w = tensor(
    [
      [0.5, -1],
      [1, 0.5],
    ],
    { requiresGrad: true },
  );
  const b = tensor([0.1, -0.2], { requiresGrad: true });
  const loss = x.matmul(w).add(b).relu().sum();
  loss.backward(null, { retainGraph: true });
  return toSvg(loss, {
    names: new Map([
      [x, "x"],
      [w, "w"],
      [b, "b"],
      [loss, "loss"],
    ]),
  });
}

interface Log {
  depths: { depth: number; whole: number; segments: number }[];
}

/** Bytes that a training step holds on to, over the depth of the network. */
function memory(): string {
  const { depths } = readLog<Log>("05-autograd");
  return lineChart(
    [
      { name: "everything kept", points: depths.map(({ depth, whole }) => [depth, whole]) },
      { name: "checkpoints every √depth", points: depths.map(({ depth, segments }) => [depth, segments]) },
    ],
    { title: "Peak memory of a training step", x: "layers", y: "MB", log: true, logX: true },
  );
}

export const figures = { graph, memory };
