import { setTimeout } from "node:timers/promises";
import type { FastifyInstance } from "fastify";
import { checked, expectArgument } from "../../00-runtime/index.ts";
import { isServable, type Servable, servedModels } from "../engines/load.ts";
import type { Server } from "../types.ts";
import { appFor } from "./app.ts";
import { Host } from "./host.ts";
import { limitsOf, SERVE_OPTIONS, type ServeOptions } from "./options.ts";

/**
 * Serves a model over HTTP until `close`.
 *
 *   const server = await serve(model, { name: "digits", example: zeros([1, 784]) });
 *   const server = await serve("digits.onnx");                  // in ONNX Runtime
 *   const server = await serve(gpt, { name: "gpt", tokenizer }); // OpenAI's /v1/completions
 *
 * Requests are computed in batches (maxBatch, maxWait). What cannot be answered is refused: 503 when the queue is full, 504 at the
 * deadline, 4xx for what does not fit the model. Only this machine may ask, unless `host` says otherwise.
 *
 * Throws    RangeError for settings outside their range, and an address that cannot be had; FormatError for a file that holds no
 *           model; TypeError for a module without an example
 */
export async function serve(what: Servable, options: ServeOptions = {}): Promise<Server> {
  checked("serve", options, SERVE_OPTIONS);
  expectArgument(isServable(what), "serve", "model", what, "a model, the bytes of an ONNX file, or its path");
  const limits = limitsOf(options);
  const client = await import("prom-client");
  const { nonFinite = false, hooks = [], host: address = "127.0.0.1" } = options;
  let app: FastifyInstance | null = null;
  const onError = (error: unknown) => app?.log.error(error, "a hook failed");
  const host = new Host(client, { limits, nonFinite, hooks, onError });
  const { model, text } = await servedModels(what, options);
  if (model) host.add(model);
  if (text) host.addText(text);
  try {
    app = await appFor(host, options);
    const own = app;
    host.onClose = () => closeAll(own, host);
    host.url = await listen(app, address, limits.port);
  } catch (error) {
    await (app ? host.close() : closeSlots(host)); // what was loaded is given back
    throw error;
  }
  const everybody = !["127.0.0.1", "::1", "localhost"].includes(address) && !options.keys?.length;
  if (everybody) app.log.warn(`${host.url} is open to everybody who reaches it — pass keys`);
  return host;
}

async function listen(app: FastifyInstance, host: string, port: number): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new RangeError(`serve: port = ${port}, host = "${host}" — ${why}; give another, or port 0`, {
      cause,
    });
  }
}

const closeSlots = (host: Host): Promise<unknown> =>
  Promise.all([...host.slots.values()].map((slot) => slot.close()));

/** First no new requests, then the last answers; after the grace period, clients that do not read are cut off. */
async function closeAll(app: FastifyInstance, host: Host): Promise<void> {
  const late = new AbortController();
  const { grace } = host.limits;
  const cut = setTimeout(grace, undefined, { signal: late.signal }).then(
    () => app.server.closeAllConnections(),
    () => {},
  );
  const slots = async () => {
    await app.close();
    await closeSlots(host);
  };
  const done = slots();
  const sweep = setInterval(() => app.server.closeIdleConnections(), 50); // connections that were busy when it began
  await Promise.race([
    done,
    cut.then(() => setTimeout(1000, undefined, { signal: late.signal }).catch(() => {})),
  ]);
  clearInterval(sweep);
  late.abort();
}
