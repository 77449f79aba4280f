import { once } from "node:events";
import type { FastifyReply } from "fastify";
import { gone, Refusal } from "../refusal.ts";

/** Server-sent events: an answer that goes on. A client that does not read holds its model up for a while, then is cut off. */
export class EventStream {
  readonly #reply: FastifyReply;
  readonly #patience: number;

  constructor(reply: FastifyReply, patience: number) {
    [this.#reply, this.#patience] = [reply, patience];
    reply.hijack();
    reply.raw.writeHead(200, {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache",
      "x-accel-buffering": "no", // a proxy that gathers would undo the stream
      "x-request-id": reply.request.id,
    });
  }

  /** Throws  Refusal 499 when the client has hung up, 408 when it has not read for too long */
  async send(value: unknown): Promise<void> {
    await this.#write(`data: ${JSON.stringify(value)}\n\n`);
  }

  async end(): Promise<void> {
    await this.#write("data: [DONE]\n\n");
    this.#reply.raw.end();
  }

  /** Says what went wrong where the status can no longer say it. */
  fail(error: unknown): void {
    const { raw, log } = this.#reply;
    const known = error instanceof Refusal;
    if (known) log.warn({ status: error.status, reason: error.message }, "ended");
    else log.error(error, "failed");
    if (raw.destroyed) return;
    if (known && error.status === 408) return void raw.destroy();
    const message = known
      ? error.message
      : `internal error; the log has more of request ${this.#reply.request.id}`;
    raw.end(
      `data: ${JSON.stringify({ error: { message, type: "server_error", param: null, code: null } })}\n\n`,
    );
  }

  async #write(text: string): Promise<void> {
    const { raw } = this.#reply;
    if (raw.destroyed) throw gone();
    if (raw.write(text)) return;
    const patience = AbortSignal.timeout(this.#patience);
    const hungUp = new AbortController();
    const leave = () => hungUp.abort();
    raw.once("close", leave);
    try {
      await once(raw, "drain", { signal: AbortSignal.any([patience, hungUp.signal]) });
    } catch (cause) {
      if (hungUp.signal.aborted) throw gone();
      if (!patience.aborted) throw cause;
      throw new Refusal(408, `completions: the client has not read for ${this.#patience} ms — it is cut off`);
    } finally {
      raw.off("close", leave);
    }
  }
}
