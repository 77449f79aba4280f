import { toSvg, v } from "micrograd";
import type { Section, SummaryRow } from "tensorgrad/plots";
import { decisionBoundary, type LabelledPoint, lineChart } from "tensorgrad/plots";
import type { XorRun } from "../../xor.ts";
import { thinned } from "../smooth.ts";

const corners: readonly LabelledPoint[] = [
  { x: 0, y: 0, label: 0 },
  { x: 0, y: 1, label: 1 },
  { x: 1, y: 0, label: 1 },
  { x: 1, y: 1, label: 0 },
];

export function xorRow({ accuracy, linearAccuracy, losses, seconds }: XorRun): SummaryRow {
  return {
    job: "XOR, scalar engine",
    result: `${4 * accuracy} of 4 after ${losses.length} steps; linear ${4 * linearAccuracy} of 4`,
    target: "4 of 4; linear at most 3",
    seconds,
    passed: accuracy === 1 && linearAccuracy <= 0.75,
  };
}

export async function xorSection(run: XorRun): Promise<Section> {
  const points = run.losses.map((loss, step) => [step + 1, loss] as const);
  const hidden = run.model.layers[0]!.neurons.length;
  return {
    title: "XOR with the scalar engine",
    text:
      "Exclusive or is the smallest problem that needs a hidden layer: no straight line separates the two " +
      `blue corners from the two orange ones. ${hidden} hidden neurons make a curve that does. Every ` +
      "number in this network is a Value that remembers how it was made; backward() walks those memories in " +
      "reverse and adds up the derivatives.",
    figures: [
      {
        svg: lineChart([{ name: "loss", points: thinned(points) }], {
          title: "Loss",
          x: "step",
          y: "loss (nats per sample)",
          height: 400,
        }),
        caption:
          `Plain gradient descent on all four samples at once. A coin toss costs ln 2 = ${Math.LN2.toFixed(3)} ` +
          `nats; the last step is at ${run.losses.at(-1)!.toFixed(4)}.`,
      },
      {
        svg: decisionBoundary(run.predict, corners),
        caption:
          "The probability of “one” in the plane around the four corners: orange near 1, blue near 0, the line " +
          `at ½. The best a single linear neuron reached is ${4 * run.linearAccuracy} of 4.`,
      },
      {
        svg: await neuronGraph(run),
        caption:
          "One hidden neuron of the trained network, as the engine sees it: the input (1, 0) enters on the left, " +
          "data flows to the right, and grad flows back from y, where it is 1. Where a weight meets the input 0, " +
          "its gradient is 0: that input could not have taught it anything.",
        diagram: true,
      },
    ],
  };
}

/** The graph of the first hidden neuron at (1, 0), after a backward pass of its own. */
async function neuronGraph({ model }: XorRun): Promise<string> {
  model.zeroGrad();
  const y = model.layers[0]!.neurons[0]!.forward([v(1, "x1"), v(0, "x2")]);
  y.label = "y";
  y.backward();
  return toSvg(y);
}
