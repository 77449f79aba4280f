import { readFileSync } from "node:fs";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Parting } from "../batching/batcher.ts";
import type { Slot } from "../batching/slot.ts";
import { gone, Refusal } from "../refusal.ts";
import type { Host } from "../server/host.ts";
import type { Answer, RequestEvent, RouteEvent, TensorSpec } from "../types.ts";
import { DATATYPES } from "./datatypes.ts";
import { type InferRequest, readInferRequest } from "./infer-request.ts";
import { writeInferResponse } from "./infer-response.ts";

interface Address {
  readonly Params: { readonly model: string; readonly version?: string };
  readonly Body: Buffer;
}

/** The version in the package's own manifest. */
const { version } = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8")) as {
  version: string;
};

const LENGTH = "inference-header-content-length";

/**
 * The Open Inference Protocol, version 2: what Triton, KServe and their clients speak.
 *
 * Source    https://github.com/kserve/open-inference-protocol
 */
export function inferRoutes(app: FastifyInstance, host: Host): void {
  app.removeAllContentTypeParsers();
  const types = ["application/json", "application/octet-stream"];
  app.addContentTypeParser(types, { parseAs: "buffer" }, (_request, body, done) => done(null, body));

  const open = { config: { open: true } };
  app.get("/v2/health/live", open, () => ({ live: true }));
  app.get("/v2/health/ready", open, (_request, reply) => {
    void reply.code(host.closing ? 503 : 200);
    return { ready: !host.closing };
  });
  app.get("/v2", () => ({ name: "tensorgrad", version, extensions: ["binary_tensor_data"] }));
  for (const path of ["/v2/models/:model", "/v2/models/:model/versions/:version"]) {
    app.get<Address>(path, ({ params }) => metadata(host.slot(params.model), params.version));
    app.get<Address>(`${path}/ready`, ({ params }) => {
      const model = host.slot(params.model).find(params.version);
      return { name: model.name, version: model.version, ready: true };
    });
    app.post<Address>(`${path}/infer`, (request, reply) => infer(host, request, reply));
  }
}

function metadata(slot: Slot, version: string | undefined) {
  const { schema, engine } = slot.find(version);
  return {
    name: slot.name,
    versions: slot.versions.map((one) => one.version),
    platform: engine,
    inputs: schema.inputs.map(wireSpec),
    outputs: schema.outputs.map(wireSpec),
  };
}

const wireSpec = ({ name, dtype, shape }: TensorSpec) => ({ name, datatype: DATATYPES[dtype].wire, shape });

async function infer(
  host: Host,
  request: FastifyRequest<Address>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const received = performance.now();
  const slot = host.slot(request.params.model);
  const about = host.hooks.isEmpty ? null : aboutOf(request, slot, received);
  const { schema, version } = slot.find(
    request.params.version ?? (about ? routed(host, slot, about) : undefined),
  );
  if (!request.body) throw new Refusal(400, "infer: no body — send a JSON object with inputs");
  const given = readInferRequest(schema, request.body, header(request, LENGTH), {
    nonFinite: host.nonFinite,
  });
  const told = about ? new Told(host, { ...about, version, inputs: given.inputs }) : null;
  try {
    const answer = await slot.infer(given.inputs, { version, signal: new HangUp(reply) });
    send(reply, slot.name, answer, given);
    told?.end(200, answer, null);
  } catch (error) {
    const status = error instanceof Refusal ? error.status : 500;
    told?.end(status, null, String(error instanceof Error ? error.message : error));
    throw error;
  }
  return reply;
}

function aboutOf(
  { id, headers: given }: FastifyRequest<Address>,
  { name }: Slot,
  received: number,
): RouteEvent {
  const { authorization: _, ...headers } = given;
  return { id, model: name, headers, received };
}

/** A hook may name a version that was taken away meanwhile: then the current one computes. */
function routed(host: Host, slot: Slot, about: RouteEvent): string | undefined {
  const version = host.hooks.route(about);
  return version !== undefined && slot.has(version) ? version : undefined;
}

/** A request that somebody watches, from its beginning to its end. */
class Told {
  readonly #host: Host;
  readonly #event: RequestEvent;

  constructor(host: Host, event: RequestEvent) {
    [this.#host, this.#event] = [host, event];
    host.hooks.request(event);
  }

  end(status: number, answer: Answer | null, error: string | null): void {
    const latency = performance.now() - this.#event.received;
    this.#host.hooks.response({ ...this.#event, outputs: answer?.outputs ?? null, status, latency, error });
  }
}

function send(reply: FastifyReply, name: string, answer: Answer, given: InferRequest): void {
  const { body, jsonLength } = writeInferResponse(name, answer, given);
  void reply.type(jsonLength === null ? "application/json" : "application/octet-stream");
  if (jsonLength !== null) void reply.header(LENGTH, jsonLength);
  void reply.send(body);
}

/** Says once that the client hung up. An AbortSignal does so, too, and costs more than the rest of a small request. */
class HangUp implements Parting {
  aborted = false;
  #listener: (() => void) | null = null;

  constructor(reply: FastifyReply) {
    reply.raw.once("close", () => {
      if (reply.raw.writableFinished) return;
      this.aborted = true;
      this.#listener?.();
    });
  }

  addEventListener(_: "abort", listener: () => void): void {
    this.#listener = listener;
  }

  removeEventListener(): void {
    this.#listener = null;
  }
}

/** A signal that says when the client hangs up. */
export function leaving(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once("close", () => {
    if (!reply.raw.writableFinished) controller.abort(gone());
  });
  return controller.signal;
}

const header = ({ headers }: FastifyRequest<Address>, name: string): string | undefined => {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
};
