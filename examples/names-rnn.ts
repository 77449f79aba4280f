/**
 * A recurrent network reads first names letter by letter, and then makes up its own.
 *
 *   npx tsx examples/names-rnn.ts                 an LSTM of 128 cells, about a minute on two cores
 *   npx tsx examples/names-rnn.ts --cell GRU      or RNN
 *
 * Names are split so that none of the validation's is in the training's. Bits per letter stand beside those of counted
 * n-grams, which the network must pass. Of a thousand names that it makes up, those in neither list are counted. Reads
 * `names/names.txt` in `TENSORGRAD_DATA`, else the cache; synthetic names stand in.
 */
import { Option } from "commander";
import { Random } from "tensorgrad";
import { DataNotFoundError, syntheticNames, type WordList } from "tensorgrad/data";
import { Names } from "tensorgrad/data/node";
import {
  bitsPerLetter,
  type Cell,
  drawNames,
  LETTERS,
  NameModel,
  numbersOf,
  trainNames,
} from "./lib/name-model.ts";
import { type CountedModel, KneserNey, surprises, WittenBell } from "./lib/ngrams.ts";
import { atLeast, atMost, exampleOptions, finish, isMain } from "./lib/options.ts";

export interface NamesOptions {
  readonly seed: number;
  readonly quick?: boolean;
  readonly cell?: Cell;
  readonly onEpoch?: (epoch: number, bits: number) => void;
}

/** Absent data are no error here; damaged ones are. */
async function names(random: Random): Promise<{ dataset: "names" | "synthetic"; all: WordList }> {
  try {
    return { dataset: "names", all: await Names.load({ download: false }) };
  } catch (error) {
    if (!(error instanceof DataNotFoundError)) throw error;
    return { dataset: "synthetic", all: syntheticNames({ random }) };
  }
}

/** Bits per letter of each name by itself, from counts of the training names alone. */
function countedBits(model: CountedModel, { words }: WordList): number {
  let [nats, letters] = [0, 0];
  for (const word of words) {
    for (const surprise of surprises(model, Int32Array.from(numbersOf(word)), 1)) nats += surprise;
    letters += word.length + 1;
  }
  return nats / letters / Math.LN2;
}

export async function runNames({ seed, quick = false, cell = "LSTM", onEpoch }: NamesOptions) {
  const random = new Random(seed);
  const { dataset, all } = await names(random);
  const [train, validation] = all.split(0.9, random);
  const stream = Int32Array.from(train.words.flatMap((word) => numbersOf(word).slice(1)));
  const vocabulary = LETTERS + 1;
  const bars = {
    bigram: countedBits(new WittenBell(stream, vocabulary), validation),
    ...Object.fromEntries(
      [3, 4, 5].map((order) => [
        `kn${order}`,
        countedBits(new KneserNey(stream, vocabulary, order), validation),
      ]),
    ),
  };
  const started = performance.now();
  const model = new NameModel(cell, quick ? 64 : 128, random);
  const before = bitsPerLetter(model, validation);
  const course = quick ? { epochs: 1, batchSize: 64, lr: 0.01 } : { epochs: 6, batchSize: 64, lr: 0.005 };
  trainNames(model, train, random, { ...course, ...(onEpoch && { onEpoch }) });
  const seconds = (performance.now() - started) / 1000;
  const made = drawNames(model, quick ? 200 : 1000, new Random(seed));
  const [seen, held] = [new Set(train.words), new Set(validation.words)];
  const different = [...new Set(made)].filter((name) => name !== "");
  return {
    ...{ model, dataset, cell, bars, before, seconds, made },
    bits: bitsPerLetter(model, validation),
    parameters: model.parameters().reduce((sum, { size }) => sum + size, 0),
    /** Of the names made up: in neither list; and those that are real, although the network never saw them. */
    invented: different.filter((name) => !seen.has(name) && !held.has(name)),
    found: different.filter((name) => held.has(name)),
    copied: different.filter((name) => seen.has(name)),
  };
}

async function main(): Promise<void> {
  const { quick, seed, json, cell } = exampleOptions<{ cell: Cell }>(
    "names-rnn",
    "A recurrent network learns first names and makes up its own",
    [new Option("--cell <kind>", "the recurrent network").choices(["RNN", "LSTM", "GRU"]).default("LSTM")],
  );
  const onEpoch = (epoch: number, bits: number) =>
    console.log(`epoch ${epoch}  ${bits.toFixed(3)} bits a letter in the last batch`);
  const run = await runNames({ seed, quick, cell, onEpoch });
  const { bars, bits, made, invented, found, copied } = run;
  console.log(`made up: ${invented.slice(0, 12).join(", ")}`);
  console.log(`real ones it never saw: ${found.slice(0, 12).join(", ") || "none"}`);
  const best = Math.min(...Object.values(bars));
  finish({
    json,
    result: {
      ...{ bits, ...bars, dataset: run.dataset, cell, parameters: run.parameters, seconds: run.seconds },
      ...{ made: made.length, invented: invented.length, found: found.length, copied: copied.length, seed },
    },
    misses: [
      ...(quick ? atMost("bits per letter", bits, bars.bigram) : atMost("bits per letter", bits, best)),
      ...atLeast("share of names that are new", (invented.length + found.length) / made.length, 0.3),
    ],
  });
}

if (isMain(import.meta.url)) await main();
