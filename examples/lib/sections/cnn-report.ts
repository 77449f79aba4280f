import type { ParityReport } from "gradverify";
import type { ImageDataset } from "tensorgrad/data";
import {
  barChart,
  confusionMatrix,
  count,
  type Figure,
  imageGrid,
  lineChart,
  percent,
  type Section,
  type SummaryRow,
} from "tensorgrad/plots";
import type { FilterGradients } from "../cnn-baselines.ts";
import { filterPicture, mapPicture, photograph } from "../cnn-pictures.ts";
import { type ImageRun, type Judgement, parameterCount } from "../image-classifier.ts";
import type { LayerCost } from "../network-profile.ts";
import { savePicture } from "../picture.ts";
import { type Proof, proofRows } from "../proof.ts";
import { runningMean } from "../smooth.ts";
import { writePage } from "../write-page.ts";

/** A trained network and what it says of the test images. */
export interface Judged {
  readonly run: ImageRun;
  readonly judgement: Judgement;
  readonly target: number;
}

export interface CnnResults {
  readonly threeConv: Judged;
  readonly residual: Judged;
  readonly mlp: Judged;
  readonly frozen: Judged;
  readonly layers: readonly LayerCost[];
  readonly mlpLayers: readonly LayerCost[];
  readonly filters: FilterGradients;
  readonly proof: Proof;
  readonly parities: readonly ParityReport[];
  readonly test: ImageDataset;
  readonly classes: readonly string[];
}

/** Writes the pictures and the page of milestone 3, and returns the names of all files. */
export async function writeCnnReport(out: string, results: CnnResults): Promise<string[]> {
  const figures = figuresOf(results);
  const written: string[] = [];
  for (const [name, { svg }] of Object.entries(figures))
    written.push(...(await savePicture(`${out}/${name}`, svg)));
  writePage(`${out}/index.html`, {
    title: "Milestone 3: seeing",
    lead: "The same few weights look at every place of a photograph: what that is worth, what it learns to look for, and what it costs.",
    summary: summaryRows(results),
    sections: [
      { title: "Learning", figures: [figures.loss, figures.accuracy] },
      { title: "What the filters look for", figures: [figures.filters, figures.maps] },
      { title: "Mistakes", figures: [figures.confusion, figures.hardest] },
      besideSection(results),
      costSection(results, [figures.time, figures.memory]),
      proofSection(results),
    ],
  });
  return [`${out}/index.html`, ...written];
}

function figuresOf(results: CnnResults) {
  const { threeConv, residual, test, classes } = results;
  const losses = (name: string, { run }: Judged) => ({ name, points: runningMean(run.losses, 50) });
  const accuracies = (name: string, { run }: Judged) => ({
    name,
    points: run.epochs.map(({ epoch, trainAccuracy }) => [epoch, 100 * trainAccuracy] as const),
  });
  const both = <T>(line: (name: string, of: Judged) => T): T[] => [
    line("three convolutions", threeConv),
    line("residual", residual),
  ];
  return {
    loss: {
      svg: lineChart(both(losses), { title: "Loss", x: "step", y: "loss (nats per image)" }),
      caption: "The mean of 50 steps. Smoothed targets cost 0.5 nats even when all is right.",
    },
    accuracy: {
      svg: lineChart(both(accuracies), { title: "Training accuracy", x: "epoch", y: "images right (%)" }),
      caption:
        "Of the augmented images, while they are trained on. The rate falls to 0 at the end, which brings the last points.",
    },
    filters: {
      svg: filterPicture(threeConv.run.model),
      caption: "Edges, spots and pairs of opposite colours, found by gradient descent alone.",
    },
    maps: {
      svg: mapPicture(threeConv.run.model, test, 1),
      caption: "The first eight maps of each block: fewer places, and each says more.",
    },
    confusion: {
      svg: confusionMatrix(threeConv.judgement.confusion, classes),
      caption: "Cats and dogs, trucks and automobiles: what looks alike is mixed up.",
    },
    hardest: {
      svg: hardest(results),
      caption: "The images whose true class the network thinks least likely, with its own answer.",
    },
    time: timeFigure(results),
    memory: memoryFigure(results),
  } satisfies Record<string, Figure>;
}

function hardest({ threeConv: { judgement }, test, classes }: CnnResults): string {
  const { certainty, predicted } = judgement;
  const order = [...certainty.keys()].sort((a, b) => certainty[a] - certainty[b]).slice(0, 24);
  const tiles = order.map((i) => ({
    src: photograph(test, i),
    text: `${classes[predicted[i]]}?`,
    wrong: predicted[i] !== test.labels[i],
  }));
  return imageGrid(tiles, { title: "Hardest images", columns: 6, side: 58, gap: 96 });
}

function summaryRows({ threeConv, residual, mlp }: CnnResults): SummaryRow[] {
  const row = (job: string, { run, judgement, target }: Judged): SummaryRow => ({
    job: `${job}, ${count(parameterCount(run.model))} parameters`,
    result: `${percent(judgement.testAccuracy)} of the test images, ${percent(judgement.testAccuracyFlip)} with mirror images`,
    target: target > 0 ? `at least ${percent(target)}` : "a baseline",
    seconds: run.seconds,
    passed: judgement.testAccuracy >= target,
  });
  return [row("three convolutions", threeConv), row("residual", residual), row("MLP of equal size", mlp)];
}

function besideSection({ threeConv, residual, mlp, frozen }: CnnResults): Section {
  const row = ({ run, judgement }: Judged) => [
    run.recipe,
    parameterCount(run.model),
    run.epochs.length,
    percent(judgement.testAccuracy),
  ];
  return {
    title: "Beside others",
    text:
      "A network of equal size without convolutions must learn anew for every place what an edge is. Random filters that never " +
      "learn show how much of the result the filters are worth.",
    table: {
      head: ["network", "parameters", "epochs", "test accuracy"],
      rows: [threeConv, residual, mlp, frozen].map(row),
    },
  };
}

/** Both networks' layers, by names that tell which is whose. */
const allLayers = ({ layers, mlpLayers }: CnnResults) => [
  ...layers.map((cost) => ({ network: "CNN", ...cost })),
  ...mlpLayers.map((cost) => ({ network: "MLP", ...cost })),
];

/** Of the layers that multiply. */
function costFigure(
  results: CnnResults,
  { title, x, caption }: { title: string; x: string; caption: string },
  value: (cost: LayerCost) => number,
): Figure {
  const bars = allLayers(results)
    .filter(({ flops }) => flops > 0)
    .map((cost) => ({
      name: `${cost.network}: ${cost.layer} → ${cost.output.join("×")}`,
      value: value(cost),
      strong: cost.network === "CNN",
    }));
  return { svg: barChart(bars, { title, x, marginLeft: 190 }), caption };
}

const timeFigure = (results: CnnResults): Figure =>
  costFigure(
    results,
    {
      title: "Time of a layer, 64 images forward",
      x: "ms",
      caption:
        "A convolution uses each weight at every place, a linear layer once: few weights and much work, against the opposite.",
    },
    ({ milliseconds }) => milliseconds,
  );

const memoryFigure = (results: CnnResults): Figure =>
  costFigure(
    results,
    {
      title: "Memory of a layer's output, 64 images",
      x: "MB",
      caption: "The first maps are the largest. Pooling leaves a quarter of each.",
    },
    ({ bytes }) => bytes / 1e6,
  );

function costSection(results: CnnResults, figures: readonly Figure[]): Section {
  const row = ({ network, layer, output, parameters, flops, bytes, milliseconds }: Cost) => [
    network,
    layer,
    output.join("×"),
    parameters || "–",
    flops ? (flops / 1e6).toFixed(2) : "–",
    (bytes / 1e6).toFixed(2),
    milliseconds.toFixed(2),
  ];
  return {
    title: "Cost by layer",
    text: "For a batch of 64 images: what a layer's output takes in memory, and how long it takes. Flops are of one image.",
    figures: [...figures],
    table: {
      head: ["network", "layer", "output", "parameters", "Mflop an image", "MB of output", "ms"],
      rows: allLayers(results).map(row),
    },
  };
}

type Cost = ReturnType<typeof allLayers>[number];

function proofSection({ proof, filters, parities }: CnnResults): Section {
  return {
    title: "Proof of learning",
    table: {
      head: ["probe", "value"],
      rows: [
        ...proofRows(proof),
        ["filters without a gradient", `${filters.idle} of ${filters.filters}`],
        ...parities.map(({ maxAbs, equalPredictions }, i) => [
          `ONNX Runtime, ${i === 0 ? "three convolutions" : "residual"}`,
          `${equalPredictions?.equal} of ${equalPredictions?.total} predictions equal, logits within ${maxAbs.toExponential(1)}`,
        ]),
      ],
    },
  };
}
