import { imageGrid, inkImage, lineChart } from "tensorgrad/plots";
import { readLog } from "../lib/logs.ts";

interface Log {
  readonly memory: {
    readonly points: readonly {
      readonly length: number;
      readonly plain: number | null;
      readonly fused: number;
    }[];
  };
  readonly spread: { readonly text: string; readonly maps: readonly (readonly (readonly number[])[])[] };
}
const log = readLog<Log>("12-attention");
const MB = 2 ** 20;

/** What the four heads of both layers look at in one line: a row for each position that looks. */
function maps(): string {
  const T = log.spread.text.length;
  const tiles = log.spread.maps.flatMap((heads, layer) =>
    heads.map((weights, head) => ({
      src: inkImage(Float32Array.from(weights, Math.sqrt), T, T),
      text: `layer ${layer + 1}, head ${head + 1}`,
    })),
  );
  return imageGrid(tiles, { title: "What each position looks at", columns: 4, side: 112, gap: 142 });
}

/** Memory beyond inputs and outputs, by the length of the sequence. */
function memory(): string {
  const { points } = log.memory;
  const plain = points.flatMap(({ length, plain }) =>
    plain === null ? [] : [[length, plain / MB] as const],
  );
  const series = [
    { name: "from its parts", points: plain },
    { name: "one kernel", points: points.map(({ length, fused }) => [length, fused / MB] as const) },
  ];
  const title = "Megabytes of attention, forward and backward";
  return lineChart(series, { title, x: "length", y: "MB", log: true, logX: true });
}

export const figures = { maps, memory };
