// own process: servers listen
import OpenAI from "openai";
import { Random } from "tensorgrad";
import { GPT, KVCache } from "tensorgrad/nn";
import { type Server, serve } from "tensorgrad/serving";
import { CharTokenizer } from "tensorgrad/text";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const tokenizer = new CharTokenizer("abcdefghij .\n");
const sizes = {
  vocabSize: tokenizer.vocabSize,
  embedDim: 8,
  numLayers: 1,
  numHeads: 2,
  maxSeqLen: 32,
} as const;
const gpt = new GPT({ ...sizes, positions: "rotary", start: "gpt2", random: new Random(1) }).eval();

let server: Server;
let client: OpenAI;
beforeAll(async () => {
  server = await serve(gpt, { name: "tiny", tokenizer, port: 0, keys: ["right"], maxTokens: 20_000 });
  client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: "right", maxRetries: 0 });
});
afterAll(() => server.close());

const request = { model: "tiny", prompt: "abc", max_tokens: 20, seed: 7, temperature: 0.9 };
const expected = (maxLength = 20) =>
  gpt
    .generate("abc", {
      tokenizer,
      maxLength,
      temperature: 0.9,
      random: new Random(7),
      cache: KVCache.for(gpt),
    })
    .slice(3);

describe("OpenAI's client", () => {
  it("lists the models", async () => {
    const { data } = await client.models.list();
    expect(data.map(({ id, object }) => [id, object])).toEqual([["tiny", "model"]]);
    expect((await client.models.retrieve("tiny")).owned_by).toBe("tensorgrad");
  });

  it("is answered with the text that the model writes", async () => {
    const { choices, usage, object } = await client.completions.create(request);
    expect(choices).toEqual([{ text: expected(), index: 0, finish_reason: "length", logprobs: null }]);
    expect(usage).toEqual({ prompt_tokens: 3, completion_tokens: 20, total_tokens: 23 });
    expect(object).toBe("text_completion");
  });

  it("streams the same text, token by token", async () => {
    const stream = await client.completions.create({
      ...{ ...request, stream: true },
      stream_options: { include_usage: true },
    });
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    const texts = chunks.flatMap(({ choices }) => choices.map(({ text }) => text));
    expect(texts.join("")).toBe(expected());
    expect(texts.filter((text) => text !== "")).toHaveLength(20);
    expect(chunks.at(-2)?.choices[0].finish_reason).toBe("length");
    expect(chunks.at(-1)?.usage?.completion_tokens).toBe(20);
  });

  it("stops before a stop string, streamed or not", async () => {
    const whole = expected(200);
    const stop = whole.slice(10, 12);
    const cut = whole.slice(0, whole.indexOf(stop));
    const answer = await client.completions.create({ ...request, max_tokens: 200, stop });
    expect(answer.choices[0]).toMatchObject({ text: cut, finish_reason: "stop" });
    const stream = await client.completions.create({
      ...request,
      max_tokens: 200,
      stop: [stop],
      stream: true,
    });
    const texts: string[] = [];
    for await (const { choices } of stream) texts.push(choices[0].text);
    expect(texts.join("")).toBe(cut);
  });

  it("may ask for several texts at once, as text or ids", async () => {
    const prompt = ["abc", "d"];
    const { choices, usage } = await client.completions.create({
      ...request,
      prompt,
      n: 2,
      temperature: 0,
      echo: true,
    });
    expect(choices.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
    expect(choices.map(({ text }) => text.slice(0, 1))).toEqual(["a", "a", "d", "d"]);
    expect(choices[0].text).toBe(choices[1].text);
    expect(usage).toEqual({ prompt_tokens: 4, completion_tokens: 80, total_tokens: 84 });
    const ids = await client.completions.create({ ...request, prompt: [...tokenizer.encode("abc")] });
    expect(ids.choices[0].text).toBe(expected());
  });

  it("is told what is wrong, and with which field", async () => {
    const refused = async (change: object) => {
      const body = { ...request, ...change } as OpenAI.CompletionCreateParamsNonStreaming;
      const error = await client.completions.create(body).then(
        () => null,
        (error: InstanceType<typeof OpenAI.APIError>) => error,
      );
      return `${error?.status} ${error?.param}: ${error?.message.replace(/^\d+ /, "")}`;
    };
    const changes = [
      { model: "gpt-5" },
      { model: "../tiny" },
      { model: undefined },
      { prompt: "" },
      { prompt: "xyz" },
      { prompt: [1, 99] },
      { prompt: [2 ** 40] },
      { prompt: [[1], [-1]] },
      { prompt: "a".repeat(33) },
      { prompt: "a".repeat(10_000) },
      { prompt: 3 },
      { max_tokens: 0 },
      { max_tokens: 20_001 },
      { max_tokens: 6000, n: 4 },
      { temperature: 3 },
      { temperature: "hot" },
      { top_p: 0 },
      { stop: ["a", "b", "c", "d", "e"] },
      { stop: "" },
      { seed: -1 },
      { logprobs: 3 },
      { suffix: "end" },
      { frequency_penalty: 1 },
      { max_token: 3 },
    ];
    expect(await Promise.all(changes.map(refused))).toMatchInlineSnapshot(`
      [
        "404 model: model "gpt-5" is not served — there are: tiny",
        "404 model: model "../tiny" is not served — there are: tiny",
        "400 model: completions: no "model" — see /v1/models",
        "400 prompt: completions: prompt 0: it is empty — the model continues what is there; begin with a line break",
        "400 prompt: completions: prompt 0: CharTokenizer.encode: "x" (U+0078) at position 0 — the alphabet has 13 characters, not this one; build it from more text, or pass { unknown: "?" } to replace such characters",
        "400 prompt: completions: prompt 0: id 99 — ids go from 0 to 12",
        "400 prompt.0: completions: prompt.0 — Too big: expected number to be <=2147483647",
        "400 prompt.1.0: completions: prompt.1.0 — Too small: expected number to be >=0",
        "400 prompt: completions: a prompt of 33 tokens — the model reads at most 32",
        "400 prompt: completions: prompt 0: 10000 characters — the model reads at most 32 tokens",
        "400 prompt: completions: prompt — a text, a list of ids, or a list of up to 256 of either",
        "400 max_tokens: completions: max_tokens — Too small: expected number to be >=1",
        "400 max_tokens: completions: 1 answers of max_tokens = 20001 — at most 20000 tokens in one request",
        "400 max_tokens: completions: 4 answers of max_tokens = 6000 — at most 20000 tokens in one request",
        "400 temperature: completions: temperature — Too big: expected number to be <=2",
        "400 temperature: completions: temperature — expected number, received string",
        "400 top_p: completions: top_p — Too small: expected number to be >0",
        "400 stop: completions: stop — a text, or up to four of them, none empty, none longer than 200 characters",
        "400 stop: completions: stop — Too small: expected string to have >=1 characters",
        "400 seed: completions: seed — Too small: expected number to be >=0",
        "400 logprobs: completions: logprobs — expected null",
        "400 suffix: completions: suffix — Invalid option: expected one of ""|null",
        "400 frequency_penalty: completions: frequency_penalty — Invalid option: expected one of 0|null",
        "400 max_token: completions: max_token — this field is not known",
      ]
    `);
  });

  it("is refused with a wrong key", async () => {
    const stranger = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: "wrong", maxRetries: 0 });
    await expect(stranger.models.list()).rejects.toMatchObject({ status: 401 });
  });
});

describe("texts that are too many, or take too long", () => {
  const serving = (options: object) =>
    serve(gpt, { name: "tiny", tokenizer, port: 0, maxTokens: 10 ** 6, ...options });
  const ask = ({ url }: Server, max_tokens: number, stream = false) =>
    fetch(`${url}/v1/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ ...request, max_tokens, stream }),
    });

  it("are refused with 503 while others wait", async () => {
    const server = await serving({ maxStreams: 1, maxQueue: 1, deadline: 60_000, grace: 0 });
    const first = await ask(server, 10 ** 6, true); // its first token has come: it is being written
    const waiting = ask(server, 1).catch(() => null);
    let third = await ask(server, 1);
    while (third.status !== 503) third = await ask(server, 1); // until the second one has its place in the queue
    expect([third.headers.get("retry-after"), await third.json()]).toMatchInlineSnapshot(`
      [
        "1",
        {
          "error": {
            "code": null,
            "message": "completions: 1 texts wait already — the queue is full; try again later",
            "param": null,
            "type": "server_error",
          },
        },
      ]
    `);
    await first.body?.cancel();
    expect((await waiting)?.status).toBe(200);
    await server.close();
  });

  it("are given up with 504 at the deadline, and no longer written", async () => {
    const server = await serving({ deadline: 100 });
    const late = await ask(server, 10 ** 6);
    expect([late.status, await late.json()]).toMatchInlineSnapshot(`
      [
        504,
        {
          "error": {
            "code": null,
            "message": "completions: no answer within 100 ms — ask for fewer tokens, or a stream",
            "param": null,
            "type": "server_error",
          },
        },
      ]
    `);
    expect((await ask(server, 1)).status).toBe(200);
    await server.close();
  });
});

describe("texts that are written at the same time", () => {
  it("share passes, and are those that they would be alone", async () => {
    const server = await serve(gpt, { name: "many", tokenizer, port: 0, maxStreams: 8 });
    const client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: "none", maxRetries: 0 });
    const asked = Array.from({ length: 12 }, (_, i) => ({
      ...{ model: "many", prompt: "abcdefghij".slice(0, 1 + (i % 9)), seed: i },
      ...{ max_tokens: 60 - 3 * i, temperature: 0.5 + i / 10, top_p: i % 2 ? 0.9 : 1 },
    }));
    const answers = await Promise.all(asked.map((one) => client.completions.create(one)));
    for (const [i, { prompt, seed, max_tokens: maxLength, temperature, top_p: topP }] of asked.entries()) {
      const random = new Random(seed);
      const cache = KVCache.for(gpt);
      const alone = gpt.generate(prompt, { tokenizer, maxLength, temperature, topP, random, cache });
      expect(answers[i].choices[0].text).toBe(alone.slice(prompt.length));
    }
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    const read = (part: string) =>
      Number(
        new RegExp(`^tensorgrad_batch_rows_${part}\\{model="many"[^}]*\\} (\\S+)`, "m").exec(metrics)?.[1],
      );
    const tokens = asked.reduce((sum, one) => sum + one.max_tokens, 0);
    expect(read("sum")).toBe(tokens - asked.length); // the first of each comes from its prompt
    expect(read("count")).toBeLessThan(tokens / 2);
    await server.close();
  });

  it("goes on when one of them is given up", async () => {
    const server = await serve(gpt, { name: "many", tokenizer, port: 0, maxStreams: 3 });
    const client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: "none", maxRetries: 0 });
    const body = { ...request, model: "many" };
    const leaves = await client.completions.create({ ...body, max_tokens: 2000, stream: true });
    const stays = client.completions.create({ ...body, max_tokens: 200 });
    for await (const _ of leaves) break;
    expect((await stays).choices[0].text).toBe(expected(200));
    await server.close();
  });
});

describe("a client that hangs up in the middle of a stream", () => {
  const tokens = async () => {
    const text = await (
      await fetch(`${server.url}/metrics`, { headers: { authorization: "Bearer right" } })
    ).text();
    return Number(/tensorgrad_tokens_total\{model="tiny"\} (\d+)/.exec(text)?.[1]);
  };

  it("ends the writing", async () => {
    const before = await tokens();
    const stream = await client.completions.create({ ...request, max_tokens: 20_000, stream: true });
    for await (const _ of stream) break; // closes the connection
    const settled = await still(tokens);
    expect(settled - before).toBeLessThan(20_000);
  });
});

/** A number, when it has stopped to change. */
async function still(read: () => Promise<number>): Promise<number> {
  let last = Number.NaN;
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 400));
    const now = await read();
    if (now === last && now > 0) return now;
    last = now;
  }
}
