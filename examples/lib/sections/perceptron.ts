import { noGrad, scope, tensor } from "tensorgrad";
import { barChart, decisionBoundary, type Figure, lineChart, percent } from "tensorgrad/plots";
import type { PerceptronRun } from "../../01-perceptron.ts";
import { type MemoryProfile, PHASES } from "../memory-profile.ts";
import { savePicture } from "../picture.ts";
import { type Proof, proofRows } from "../proof.ts";
import { writePage } from "../write-page.ts";

export interface PerceptronResults {
  run: PerceptronRun;
  /** The same seeds with either function. */
  sigmoid: readonly PerceptronRun[];
  relu: readonly PerceptronRun[];
  profile: MemoryProfile;
  proof: Proof;
}

/** Writes the pictures and the page of milestone 1, and returns the names of all files. */
export async function writePerceptronReport(out: string, results: PerceptronResults): Promise<string[]> {
  const figures = {
    boundary: boundaryFigure(results.run),
    convergence: convergenceFigure(results),
    memory: memoryFigure(results.profile),
  };
  const written: string[] = [];
  for (const [name, { svg }] of Object.entries(figures)) {
    written.push(...(await savePicture(`${out}/${name}`, svg)));
  }
  const { run, sigmoid, relu, proof } = results;
  const good = sigmoid.filter(
    ({ trainAccuracy, testAccuracy }) => trainAccuracy === 1 && testAccuracy >= 0.99,
  );
  writePage(`${out}/index.html`, {
    title: "Milestone 1: one neuron, one line",
    lead: "Two weights and a bias find the line between two classes of points, by gradient descent alone.",
    summary: [
      {
        job: "perceptron on separable points",
        result: `${percent(run.trainAccuracy)} of the training points, ${percent(run.testAccuracy)} of the others`,
        target: "100 % and at least 99 %",
        seconds: run.seconds,
        passed: run.trainAccuracy === 1 && run.testAccuracy >= 0.99,
      },
      {
        job: "the same on other seeds",
        result: `${good.length} of ${sigmoid.length}`,
        target: "all of them",
        seconds: sigmoid.reduce((sum, { seconds }) => sum + seconds, 0),
        passed: good.length === sigmoid.length,
      },
    ],
    sections: [
      { title: "The line", figures: [figures.boundary, figures.convergence] },
      {
        title: "Sigmoid or ReLU",
        text:
          `A ReLU neuron learns only from points on its positive side. Of ${relu.length} seeds ` +
          `${relu.filter(({ dead }) => dead).length} end with no such point left (“dead”): the gradient is zero for good, wherever the ` +
          "loss stands. A sigmoid has some slope everywhere, however small.",
        table: comparison({ sigmoid, relu }),
      },
      { title: "Memory of the training loop", figures: [figures.memory] },
      {
        title: "Proof of learning",
        table: {
          head: ["probe", "value"],
          rows: [
            ...proofRows(proof),
            ["angle between learned and true line", `${run.angleDegrees.toFixed(1)}°`],
          ],
        },
      },
    ],
  });
  return [`${out}/index.html`, ...written];
}

function boundaryFigure(run: PerceptronRun): Figure {
  const [x, y] = [run.train.x.data, run.train.y.data];
  const points = Array.from(y, (label, i) => ({
    x: x[2 * i],
    y: x[2 * i + 1],
    label: label > 0.5 ? (1 as const) : (0 as const),
  }));
  const predict = (a: number, b: number): number => {
    using _ = scope();
    return noGrad(() => run.model.forward(tensor([[a, b]]))).item();
  };
  return {
    svg: decisionBoundary(predict, points, { title: "What the neuron says" }),
    caption: `The output between 0 (blue) and 1 (orange), the line at ½, and the ${points.length} training points, seed ${run.seed}.`,
  };
}

/** The first seed with each function, and a seed on which ReLU fails, if there is one. */
function convergenceFigure({ sigmoid, relu }: PerceptronResults): Figure {
  const stuck = relu.find(({ solvedAt }) => solvedAt === null);
  const works = relu.find(({ solvedAt }) => solvedAt !== null);
  const line = (name: string, { losses }: PerceptronRun) => ({
    name,
    points: losses.map((loss, step) => [step + 1, loss] as const),
  });
  return {
    svg: lineChart(
      [
        line(`sigmoid, seed ${sigmoid[0].seed}`, sigmoid[0]),
        ...(works ? [line(`ReLU, seed ${works.seed}`, works)] : []),
        ...(stuck ? [line(`ReLU, seed ${stuck.seed}`, stuck)] : []),
      ],
      { title: "Convergence", x: "step", y: "mean squared error", log: true, logX: true, height: 400 },
    ),
    caption:
      "The same points, the same start, another function at the end. A flat line is a neuron that no longer learns.",
  };
}

function memoryFigure(profile: MemoryProfile): Figure {
  const bars = PHASES.map((phase) => ({ name: phase, value: profile[phase] - profile.before }));
  return {
    svg: barChart([...bars, { name: "peak", value: profile.peak - profile.before, strong: true }], {
      title: "Heap over one training step",
      x: "bytes more than before the step",
      marginLeft: 80,
    }),
    caption:
      "What was forward is kept for backward, whose own results are freed as it goes; the end of the scope returns the rest, to the byte.",
  };
}

function comparison(runs: Readonly<Record<string, readonly PerceptronRun[]>>) {
  return {
    head: ["function", "seeds", "95 % reached", "median steps to 95 %", "dead at the end"],
    rows: Object.entries(runs).map(([name, list]) => {
      const steps = list.flatMap(({ solvedAt }) => solvedAt ?? []).sort((a, b) => a - b);
      const dead = list.filter((run) => run.dead).length;
      return [name, list.length, steps.length, steps[steps.length >> 1] ?? "–", dead];
    }),
  };
}
