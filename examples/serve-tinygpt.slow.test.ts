import OpenAI from "openai";
import { Random } from "tensorgrad";
import { KVCache } from "tensorgrad/nn";
import { serve } from "tensorgrad/serving";
import { CharTokenizer } from "tensorgrad/text";
import { loadTensors } from "tensorgrad/train/node";
import { describe, expect, it } from "vitest";
import { CHECKPOINT, committed } from "./04-tinygpt.ts";

describe("the committed GPT behind HTTP", () => {
  it("streams to OpenAI's client what it writes in this process", async () => {
    const model = await committed();
    const { metadata } = await loadTensors(CHECKPOINT);
    const tokenizer = new CharTokenizer((metadata as { alphabet: string }).alphabet);
    const [prompt, maxLength, temperature, seed] = ["ROMEO:", 120, 0.8, 3];
    const expected = model.generate(prompt, {
      ...{ tokenizer, maxLength, temperature, random: new Random(seed), cache: KVCache.for(model) },
    });
    const server = await serve(model, { name: "tinygpt", tokenizer, port: 0 });
    const client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: "none is asked for" });
    const request = { model: "tinygpt", prompt, max_tokens: maxLength, temperature, seed };
    const stream = await client.completions.create({ ...request, stream: true });
    const pieces: string[] = [];
    for await (const { choices } of stream) pieces.push(choices[0].text);
    expect(prompt + pieces.join("")).toBe(expected);
    const line = await client.completions.create({ ...request, stop: "\n", echo: true });
    expect(line.choices[0].text).toBe(prompt + expected.slice(prompt.length).split("\n")[0]);
    await server.close();
  });
});
