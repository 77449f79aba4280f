import { randomInt, randomUUID } from "node:crypto";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { Random } from "../../00-runtime/index.ts";
import type { TextSlot } from "../batching/text-slot.ts";
import type { TextModel } from "../engines/text.ts";
import { gone, Refusal } from "../refusal.ts";
import type { Host } from "../server/host.ts";
import { type CompletionRequest, modelOf, readCompletion } from "./completion-request.ts";
import { EventStream } from "./event-stream.ts";
import { TextPieces } from "./text-pieces.ts";

/**
 * `/v1/models` and `/v1/completions` as OpenAI's clients speak them.
 *
 * Source    https://platform.openai.com/docs/api-reference/completions; server-sent events: WHATWG HTML, section 9.2
 */
export function completionRoutes(app: FastifyInstance, host: Host): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "string" }, (_request, body, done) => {
    try {
      done(null, JSON.parse(body as string));
    } catch (error) {
      done(new Refusal(400, `completions: the body is no JSON — ${(error as Error).message}`));
    }
  });
  const created = Math.floor(Date.now() / 1000);
  const card = ({ name: id }: TextModel) => ({ id, object: "model", created, owned_by: "tensorgrad" });
  app.get("/v1/models", () => ({
    object: "list",
    data: [...host.texts.values()].map(({ model }) => card(model)),
  }));
  app.get<{ Params: { model: string } }>("/v1/models/:model", ({ params }) =>
    card(host.text(params.model).model),
  );
  app.post("/v1/completions", (request, reply) => complete(host, request, reply));
}

async function complete(host: Host, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const slot = host.text(modelOf(request.body));
  const wanted = readCompletion(request.body, slot.model, host.limits.maxTokens);
  const { deadline } = host.limits;
  const controller = new AbortController();
  reply.raw.once("close", () => {
    if (!reply.raw.writableFinished) controller.abort(gone());
  });
  const late = setTimeout(() => {
    controller.abort(
      new Refusal(504, `completions: no answer within ${deadline} ms — ask for fewer tokens, or a stream`),
    );
  }, deadline);
  const writer = new Writer(host, slot, wanted, controller.signal);
  try {
    if (wanted.stream) await streamed(host, writer, reply, () => clearTimeout(late));
    else await reply.send(await whole(writer));
  } finally {
    clearTimeout(late);
  }
  return reply;
}

type FinishReason = "stop" | "length";

interface Piece {
  readonly text: string;
  readonly index: number;
  readonly finish_reason: FinishReason | null;
}

/** Writes the answers of one request, one after the other. */
class Writer {
  readonly id = `cmpl-${randomUUID()}`;
  readonly created = Math.floor(Date.now() / 1000);
  readonly wanted: CompletionRequest;
  readonly #host: Host;
  readonly #slot: TextSlot;
  readonly #signal: AbortSignal;
  #written = 0;

  constructor(host: Host, slot: TextSlot, wanted: CompletionRequest, signal: AbortSignal) {
    [this.#host, this.#slot, this.wanted, this.#signal] = [host, slot, wanted, signal];
  }

  get usage() {
    const { promptTokens: read } = this.wanted;
    return { prompt_tokens: read, completion_tokens: this.#written, total_tokens: read + this.#written };
  }

  body(choices: readonly Piece[]) {
    const { name: model } = this.#slot.model;
    const listed = choices.map((choice) => ({ ...choice, logprobs: null }));
    return { id: this.id, object: "text_completion", created: this.created, model, choices: listed };
  }

  async *pieces(): AsyncGenerator<Piece, void, void> {
    using _turn = await this.#slot.turns.take(this.#signal);
    const random = new Random(this.wanted.seed ?? randomInt(2 ** 47));
    for (const index of this.wanted.prompts.keys()) yield* this.#one(index, random);
  }

  async *#one(index: number, random: Random): AsyncGenerator<Piece, void, void> {
    const { prompts, maxTokens, sampling, stops, echo } = this.wanted;
    const { model } = this.#slot;
    const pieces = new TextPieces(model.tokenizer, stops);
    let ended = false;
    if (echo) yield { text: prompts[index].text, index, finish_reason: null };
    const options = { ...sampling, maxLength: maxTokens, random, signal: this.#signal };
    for await (const id of model.write(prompts[index].ids, options)) {
      this.#written++;
      this.#host.counts.token(model.name);
      ended = id === model.endToken;
      const text = ended ? "" : pieces.push(id);
      if (text !== "") yield { text, index, finish_reason: null };
      if (ended || pieces.stopped) break;
    }
    const text = pieces.finish();
    yield { text, index, finish_reason: ended || pieces.stopped ? "stop" : "length" };
  }
}

async function whole(writer: Writer) {
  const choices = writer.wanted.prompts.map((_, index): { -readonly [key in keyof Piece]: Piece[key] } => ({
    ...{ text: "", index, finish_reason: null },
  }));
  for await (const { text, index, finish_reason } of writer.pieces()) {
    choices[index].text += text;
    choices[index].finish_reason = finish_reason;
  }
  return { ...writer.body(choices), usage: writer.usage };
}

/** The headers go out with the first piece: what is refused before has a status of its own. */
async function streamed(host: Host, writer: Writer, reply: FastifyReply, onFirst: () => void): Promise<void> {
  let events: EventStream | null = null;
  try {
    for await (const piece of writer.pieces()) {
      if (!events) onFirst();
      events ??= new EventStream(reply, host.limits.clientTimeout);
      await events.send(writer.body([piece]));
    }
    if (writer.wanted.withUsage) await events?.send({ ...writer.body([]), usage: writer.usage });
    await events?.end();
  } catch (error) {
    if (!events) throw error;
    events.fail(error);
  }
}
