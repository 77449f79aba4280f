import { Random } from "tensorgrad";
import { type GPT, KVCache } from "tensorgrad/nn";
import type { CharTokenizer } from "tensorgrad/text";
import { turn } from "tensorgrad/train";
import { attentionMaps } from "../gpt-probes.ts";
import type { Answer, Question, Wish } from "./messages.ts";
import { openModel } from "./open-model.ts";

// Runs in a worker of the page: the model computes here, so that the page stays awake.

interface Writer {
  readonly model: GPT;
  readonly tokenizer: CharTokenizer;
  readonly cache: KVCache;
}

const say = (answer: Answer): void => postMessage(answer);

let writer: Writer | null = null;
/** Counts wishes and stops: a text whose number is no longer this one ends. */
let current = 0;

async function write({ model, tokenizer, cache }: Writer, wish: Wish): Promise<void> {
  const number = ++current;
  const start = performance.now();
  const { prompt, length: maxLength, temperature, topK, seed } = wish;
  const only = topK === null ? {} : { topK };
  const random = new Random(seed);
  for (const { id } of model.stream(prompt, { tokenizer, maxLength, temperature, ...only, random, cache })) {
    say({ kind: "piece", text: tokenizer.decode([id]) });
    await turn(); // a stop may have come
    if (number !== current) break;
  }
  const seconds = (performance.now() - start) / 1000;
  say({ kind: "end", stopped: number !== current, seconds });
}

function look({ model, tokenizer }: Writer, text: string): void {
  const seen = [...text].slice(-model.maxSeqLen).join("");
  const T = [...seen].length;
  const layers = attentionMaps(model, tokenizer.encode(seen));
  const lastRow = (map: Float32Array): number[] => Array.from(map.subarray((T - 1) * T));
  say({ kind: "seen", text, weights: layers.map(({ weights }) => weights.map(lastRow)) });
}

async function answer(question: Question): Promise<void> {
  if (question.kind === "stop") {
    current++;
    return;
  }
  if (question.kind === "open") {
    const opened = openModel(question.model);
    writer = { ...opened, cache: KVCache.for(opened.model) };
    say({ kind: "ready" });
    return;
  }
  if (writer === null) throw new Error("the model is not open yet");
  if (question.kind === "write") await write(writer, question.wish);
  else look(writer, question.text);
}

addEventListener("message", async ({ data }: MessageEvent<Question>) => {
  try {
    await answer(data);
  } catch (error) {
    say({ kind: "failed", message: error instanceof Error ? error.message : String(error) });
  }
});
