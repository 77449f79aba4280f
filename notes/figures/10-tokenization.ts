import * as Plot from "@observablehq/plot";
import { color, draw, lineChart, mix } from "tensorgrad/plots";
import { readLog } from "../lib/logs.ts";

interface Point {
  readonly vocabSize: number;
  readonly charactersPerToken: number;
  readonly line: readonly string[];
}
interface Log {
  readonly words: { readonly charactersPerToken: number };
  readonly sizes: { readonly points: readonly Point[]; readonly perDoubling: number };
}
const log = readLog<Log>("10-tokenization");
const { points } = log.sizes;

/** Pixels of a character, and of a row with its gap. */
const [LETTER, ROW] = [13, 34];

/** One line of text as tokens of growing vocabularies. */
function cuts(): string {
  const rows = points.filter(({ vocabSize }) => ![2048, 8192].includes(vocabSize));
  const pieces = rows.flatMap(({ line }, row) =>
    line.map((text, i) => {
      const x = 60 + LETTER * line.slice(0, i).join("").length;
      return {
        text: text.replaceAll(" ", "·"),
        x,
        width: LETTER * text.length,
        y: 44 + ROW * row,
        odd: i % 2,
      };
    }),
  );
  const names = rows.map(({ vocabSize }, row) => ({ text: `${vocabSize}`, y: 44 + ROW * row + 13 }));
  const counts = rows.map(({ line }, row) => ({ text: `${line.length}`, y: 44 + ROW * row + 13 }));
  const last = 60 + LETTER * rows[0].line.join("").length;
  return draw("Vocabulary, one line cut into tokens, and their number", {
    ...{ width: last + 40, height: 44 + ROW * rows.length },
    ...{ marginTop: 30, marginLeft: 4, marginRight: 4, marginBottom: 4 },
    ...{ x: { type: "identity", axis: null }, y: { type: "identity", axis: null } },
    marks: [
      Plot.rect(pieces, {
        x1: "x",
        x2: ({ x, width }) => x + width,
        y1: "y",
        y2: ({ y }) => y + 26,
        inset: 1,
        rx: 3,
        fill: ({ odd }) => mix(color("blue"), color("line"), odd ? 0.25 : 0.5),
      }),
      Plot.text(pieces, {
        x: ({ x, width }) => x + width / 2,
        y: ({ y }) => y + 13,
        text: "text",
        fill: color("ink"),
        fontFamily: "monospace",
      }),
      Plot.text(names, { x: 50, y: "y", text: "text", textAnchor: "end" }),
      Plot.text(counts, { x: last + 10, y: "y", text: "text", textAnchor: "start", fontWeight: 600 }),
    ],
  });
}

/** How long a token is, against the size of the vocabulary, with whole words as the end of the road. */
function lengths(): string {
  const { charactersPerToken } = log.words;
  const [first, last] = [points[1].vocabSize, points[points.length - 1].vocabSize];
  const series = [
    {
      name: "byte pairs",
      points: points.map((point) => [point.vocabSize, point.charactersPerToken] as const),
    },
    {
      name: "whole words",
      points: [first, last].map((size) => [size, charactersPerToken] as const),
      faint: true,
    },
  ];
  const title = "Characters in a token of unseen text";
  return lineChart(series, { title, x: "vocabulary", y: "characters per token", logX: true });
}

export const figures = { cuts, lengths };
