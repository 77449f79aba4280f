import { manualSeed, tensor, toSvg } from "tensorgrad";
import { Linear, ReLU, Residual } from "tensorgrad/nn";
import { barChart, lineChart } from "tensorgrad/plots";
import { readLog } from "../lib/logs.ts";

interface Log {
  signals: Record<string, number[]>;
  memory: Record<"weights" | "gradients" | "moments" | "activations", number>;
}

/** A residual block as the engine sees it: the input goes round the layers as well as through them. */
function residual(): Promise<string> {
  manualSeed(1);
  const block = new Residual(new Linear(2, 2), new ReLU());
  const x = tensor([[1, 2]]);
  const [weight, bias] = block.parameters();
  return toSvg(block.forward(x), {
    names: new Map([
      [x, "x"],
      [weight, "weight"],
      [bias, "bias"],
    ]),
  });
}

/** The size of the signal after each layer, by the spread of the first weights. */
function signals(): string {
  const { signals } = readLog<Log>("03-layers");
  const line = (name: string, key: string) => ({
    name,
    points: signals[key].map((size, layer) => [layer + 1, size] as const),
  });
  return lineChart(
    [
      line("deviation 0.2", "normal02"),
      line("Kaiming", "kaiming"),
      line("Xavier", "xavier"),
      line("deviation 0.01", "normal001"),
    ],
    { title: "Signal through 30 layers of 256 with ReLU", x: "layer", y: "root mean square", log: true },
  );
}

function memory(): string {
  const { memory } = readLog<Log>("03-layers");
  const bars = (["weights", "gradients", "moments", "activations"] as const).map((name) => ({
    name: name === "moments" ? "AdamW's moments" : name,
    value: memory[name] / 1e6,
  }));
  return barChart(bars, { title: "784-512-512-10, batch 128", x: "MB", marginLeft: 135 });
}

export const figures = { residual, signals, memory };
