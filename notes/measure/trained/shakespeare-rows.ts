import { statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { TinyShakespeare } from "tensorgrad/data/node";
import { saveTensors } from "tensorgrad/train/node";
import { RowCounts } from "../../../examples/lib/row-counts.ts";
import { report } from "../../lib/measure.ts";

/** Counts what the live page on attention shows beside the model: rows of five characters of the text that it was trained on. */
const FILE = fileURLToPath(new URL("../../site/live/attention/rows.safetensors", import.meta.url));
const ORDER = 5;

const [train] = (await TinyShakespeare.load()).split();
const counted = RowCounts.of(train.ids(), [...train.alphabet].length, ORDER);
const { tensors, metadata } = counted.toFile();
await saveTensors(FILE, tensors, { metadata });
report({
  characters: train.length,
  order: ORDER,
  rows: counted.rows(ORDER).size,
  bytes: statSync(FILE).size,
});
