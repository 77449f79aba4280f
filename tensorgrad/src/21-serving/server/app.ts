import { randomBytes } from "node:crypto";
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { completionRoutes } from "../protocol/completion-routes.ts";
import { inferRoutes } from "../protocol/infer-routes.ts";
import { Refusal } from "../refusal.ts";
import type { Host } from "./host.ts";
import { keyCheck } from "./keys.ts";
import type { ServeOptions } from "./options.ts";

/** The server of HTTP around a host, not listening yet. */
export async function appFor(
  host: Host,
  { keys = [], log = false, logStream, routes = [] }: ServeOptions,
): Promise<FastifyInstance> {
  const { fastify, LogController } = await import("fastify");
  const { bodyLimit, clientTimeout } = host.limits;
  const process = randomBytes(6).toString("base64url");
  let count = 0;
  const app = fastify({
    bodyLimit,
    requestTimeout: clientTimeout,
    http: { headersTimeout: clientTimeout, connectionsCheckingInterval: Math.min(1000, clientTimeout) },
    forceCloseConnections: "idle",
    requestIdHeader: false,
    genReqId: () => `${process}-${++count}`,
    logController: new LogController({ disableRequestLogging: true }), // one line a request, below, not two
    frameworkErrors: (error, request, reply) => answerError(error, request, reply, bodyLimit), // addresses that are none
    routerOptions: { maxParamLength: 200 },
    logger: log === false ? false : { level: log, ...(logStream ? { stream: logStream } : {}) },
  });
  const allowed = keys.length > 0 ? keyCheck(keys) : () => true;
  app.addHook("onRequest", (request, reply, done) => {
    void reply.header("x-request-id", request.id);
    if (request.routeOptions.config.open || allowed(request.headers.authorization)) return done();
    void reply.header("www-authenticate", "Bearer");
    done(new Refusal(401, "no key, or one that is unknown — send it as: authorization: Bearer <key>"));
  });
  app.addHook("onSend", (_request, reply, _payload, done) => {
    if (host.closing) void reply.header("connection", "close"); // what comes next on this connection would be lost
    done();
  });
  app.addHook("onResponse", (request, reply, done) => {
    const { url: route = "unknown" } = request.routeOptions;
    const { statusCode: status, elapsedTime: ms } = reply;
    host.counts.request(route, status, ms);
    if (log !== false) request.log.info({ method: request.method, route, status, ms }, "answered");
    done();
  });
  app.setErrorHandler((error: FastifyError, request, reply) => answerError(error, request, reply, bodyLimit));
  app.setNotFoundHandler((request) => {
    throw new Refusal(
      404,
      `${request.method} ${request.url.slice(0, 100)} — no such address; see /v2, /v1/models, /metrics`,
    );
  });
  app.get("/metrics", async (_request, reply) => {
    void reply.type(host.metrics.contentType);
    return host.metrics.metrics();
  });
  await app.register(async (own) => inferRoutes(own, host));
  await app.register(async (own) => completionRoutes(own, host));
  for (const add of routes) await app.register(async (own) => add(own, host));
  return app;
}

const WORDS: Readonly<Record<string, (limit: number) => string>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: (limit) => `the body is too large — at most ${limit} bytes; send fewer rows`,
  FST_ERR_CTP_INVALID_MEDIA_TYPE: () =>
    "this content-type is not read — send application/json, or application/octet-stream with tensors as bytes",
};

function answerError(error: FastifyError, request: FastifyRequest, reply: FastifyReply, limit: number): void {
  const status = error instanceof Refusal ? error.status : (error.statusCode ?? 500);
  const known = error instanceof Refusal || status < 500;
  if (known) request.log.warn({ status, reason: error.message }, "refused");
  else request.log.error(error, "failed");
  const message = known
    ? (WORDS[error.code]?.(limit) ?? error.message)
    : `internal error; the log has more of request ${request.id}`;
  if (error instanceof Refusal && error.retryAfter !== null)
    void reply.header("retry-after", error.retryAfter);
  void reply.code(status).type("application/json");
  const param = error instanceof Refusal ? error.param : null;
  void reply.send(request.url.startsWith("/v1/") ? openAiError(status, message, param) : { error: message });
}

/** As the `openai` clients expect it. */
export const openAiError = (status: number, message: string, param: string | null) => ({
  error: {
    message,
    type: status === 401 ? "authentication_error" : status < 500 ? "invalid_request_error" : "server_error",
    param,
    code: status === 404 ? "model_not_found" : null,
  },
});
