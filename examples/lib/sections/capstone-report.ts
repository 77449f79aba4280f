import type { ParityReport } from "gradverify";
import { count, type Figure, percent, type Section, type SummaryRow } from "tensorgrad/plots";
import type { Variants } from "../capstone/compare.ts";
import type { CnnOutcome, GptOutcome, Measured } from "../capstone/measure.ts";
import type { ProfileOf } from "../capstone/profiles.ts";
import type { Speed, Times } from "../capstone/speed.ts";
import type { Taught } from "../capstone/teach.ts";
import { savePicture } from "../picture.ts";
import { writePage } from "../write-page.ts";

type Each<T> = Readonly<Record<"cnn" | "gpt", T>>;

export interface CapstoneResults {
  readonly cnn: Measured<CnnOutcome>;
  readonly gpt: Measured<GptOutcome>;
  readonly variants: Each<Variants>;
  readonly before: Each<ProfileOf>;
  readonly after: Each<ProfileOf>;
  readonly targets: { readonly speedup: number; readonly loss: number };
  readonly taught: Each<Taught>;
}

const NAMES = { cnn: "CNN", gpt: "GPT" } as const;

/** Writes the pictures and the page of milestone 5, and returns the names of all files. */
export async function writeCapstoneReport(out: string, results: CapstoneResults): Promise<string[]> {
  const { variants, before } = results;
  const written: string[] = [];
  for (const name of ["cnn", "gpt"] as const) {
    const drawn = {
      flame: before[name].flameGraph,
      roofline: before[name].roofline,
      ...variants[name].plots,
    };
    for (const [what, svg] of Object.entries(drawn))
      written.push(...(await savePicture(`${out}/${name}-${what.replaceAll(" ", "-")}`, svg)));
  }
  writePage(`${out}/index.html`, {
    title: "Milestone 5: smaller and faster",
    lead: "Two trained networks are profiled, pruned, taught by themselves as they were, and stored in integers: what each lever brings, and what it costs.",
    summary: summaryRows(results),
    sections: (["cnn", "gpt"] as const).flatMap((name) => [
      profileSection(name, before[name]),
      variantsSection(name, variants[name]),
      speedSection(name, results[name].speeds),
      afterSection(name, results),
    ]),
  });
  return [`${out}/index.html`, ...written];
}

function summaryRows({ cnn, gpt, targets }: CapstoneResults): SummaryRow[] {
  const [images, text] = [cnn.outcome, gpt.outcome];
  const lostOf = {
    cnn: 1 - images.accuracyAfter / images.accuracyBefore,
    gpt: text.natsAfter / text.natsBefore - 1,
  };
  const target = `at least ${targets.speedup}× as fast, less than ${percent(targets.loss)} lost`;
  const row = (
    name: "cnn" | "gpt",
    quality: string,
    { outcome, seconds }: Measured<CnnOutcome | GptOutcome>,
  ) => ({
    job: `${NAMES[name]}: ${outcome.levers.join(", ")}`,
    result: `${outcome.speedup.toFixed(2)}× as fast, ${quality}, ${count(outcome.bytesBefore)} → ${count(outcome.bytesAfter)} bytes`,
    ...{ target, seconds },
    passed: outcome.speedup >= targets.speedup && lostOf[name] < targets.loss,
  });
  return [
    row("cnn", `accuracy ${percent(images.accuracyBefore)} → ${percent(images.accuracyAfter)}`, cnn),
    row("gpt", `${text.natsBefore.toFixed(4)} → ${text.natsAfter.toFixed(4)} nats a character`, gpt),
  ];
}

const JOBS = {
  cnn: "a batch of images, forward",
  gpt: "a text, character by character, with a cache",
} as const;

function profileSection(name: "cnn" | "gpt", { bottlenecks, flameGraph, roofline }: ProfileOf): Section {
  return {
    title: `The ${NAMES[name]} before: where the time goes`,
    text: `Profiled: ${JOBS[name]}. ${bottlenecks.join(" ")}`,
    figures: [
      {
        svg: flameGraph,
        caption: "Each frame is as wide as its time: module path, operation, kernel.",
        wide: true,
      },
      {
        svg: roofline,
        caption:
          "Every operation below this machine's measured ceilings; larger points take more of the time.",
      },
    ],
  };
}

const CAPTIONS: Readonly<Record<string, string>> = {
  "accuracy by size": "Accuracy against bytes. The dashed line joins the models that nothing beats in both.",
  "accuracy by latency": "Accuracy against the time of the smallest job.",
  "throughput by memory": "Throughput against the most bytes on the heap, the model's own included.",
  "throughput by latency": "Latency against throughput.",
};

/** Every lever alone and with others, in numbers and in pictures. */
function variantsSection(name: "cnn" | "gpt", { rows, plots }: Variants): Section {
  const accuracy = name === "cnn" ? "accuracy" : "probability of the true character";
  const ms = name === "cnn" ? "one image, ms" : "text, ms";
  const rate = name === "cnn" ? "images a second" : "characters a second";
  const figures: Figure[] = Object.entries(plots).map(([title, svg]) => ({
    svg,
    caption: CAPTIONS[title] ?? title,
  }));
  return {
    title: `The ${NAMES[name]}: every lever`,
    text:
      "Models of one table were measured in turns, and judged on a part of the test images, or on every fourth window of the text. Where a model is stored as int8 and computes in float32, its bytes here are those in " +
      "memory. Unbeaten: no other model is at least as good in all columns, and better in one.",
    table: {
      head: ["model", accuracy, ms, rate, "bytes in memory", "most bytes on the heap", "speed", "unbeaten"],
      rows: rows.map((row) => [
        row.name,
        ...[percent(row.accuracy), row.ms.toFixed(2), count(Math.round(row.perSecond))],
        ...[count(row.bytes), count(row.memory), `${row.speedup.toFixed(2)}×`, row.unbeaten ? "yes" : ""],
      ]),
    },
    figures,
  };
}

function speedSection(name: "cnn" | "gpt", speeds: readonly Speed[]): Section {
  const cells = ({ before, after }: Times) => [
    before.toFixed(2),
    after.toFixed(2),
    `${(before / after).toFixed(2)}×`,
  ];
  return {
    title: `The ${NAMES[name]}: speed against the fastest way before`,
    text:
      "The same job before and after, in turns, on one thread; medians, ms. The last column compares the fastest way of each: with " +
      "the system's BLAS, or with the engine's own kernels.",
    table: {
      head: ["job", "BLAS before", "after", "", "own before", "after", "", "fastest against fastest"],
      rows: speeds.map(({ job, blas, own, speedup }) => [
        ...[job, ...cells(blas), ...cells(own), `${speedup.toFixed(2)}×`],
      ]),
    },
  };
}

function afterSection(name: "cnn" | "gpt", { after, taught, ...results }: CapstoneResults): Section {
  const { parity } = results[name];
  return {
    title: `The ${NAMES[name]} after`,
    text: `Profiled again: ${after[name].bottlenecks.join(" ")}`,
    figures: [{ svg: after[name].flameGraph, caption: "The same job, compressed.", wide: true }],
    table: {
      head: ["", "found"],
      rows: [
        ["steps with the whole model as teacher", count(taught[name].steps)],
        ["predictions equal to ONNX Runtime's", equalOf(parity)],
        ["largest difference of a score to ONNX Runtime", parity.maxAbs.toExponential(1)],
        ["bytes of the exported model", count(parity.model.bytes)],
      ],
    },
  };
}

const equalOf = ({ equalPredictions: e }: ParityReport): string =>
  e ? `${count(e.equal)} of ${count(e.total)}` : "–";
