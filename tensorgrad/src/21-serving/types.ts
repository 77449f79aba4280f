import type { FastifyInstance } from "fastify";
import type { Registry as MetricsRegistry } from "prom-client";
import type { ArrayValue, OnnxDType } from "../onnx/index.ts";
import type { Parting } from "./batching/batcher.ts";

/** Where the parts of module 21 meet: models that can be served, and what is told of every request. */

/** An input or output of a model. */
export interface TensorSpec {
  readonly name: string;
  readonly dtype: OnnxDType;
  /** −1 is any size. Dim 0 is the batch where the model is `batched`. */
  readonly shape: readonly number[];
}

/** What a model takes and gives. */
export interface ModelSchema {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
}

/** Numbers outside the tensor heap, by the names of the schema. */
export type TensorMap = Readonly<Record<string, ArrayValue>>;

/** One version of a model, ready to compute. What implements this can be served. */
export interface ServedModel {
  /** `[A-Za-z0-9][A-Za-z0-9._-]*`, at most 100 characters: a part of an address. */
  readonly name: string;
  /** As the name. */
  readonly version: string;
  /** What computes: `tensorgrad`, `onnxruntime`. */
  readonly engine: string;
  readonly schema: ModelSchema;
  /** Whether row i of every output belongs to row i of every input, so that requests may share a call. */
  readonly batched: boolean;
  /** Computes outputs. The inputs fit the schema; they were checked before. */
  infer(inputs: TensorMap): Promise<TensorMap>;
  /** Called once, when no request needs it any more. */
  close?(): Promise<void>;
}

/** What a slot answers, and which version it was that computed it. */
export interface Answer {
  readonly version: string;
  readonly outputs: TensorMap;
}

/** Which version answers, and when nobody waits any more. */
export interface InferOptions {
  /** A version of the slot; the current one by default. */
  readonly version?: string | undefined;
  /** Ends the wait: a request that nobody waits for leaves the queue. */
  readonly signal?: Parting | undefined;
}

/**
 * A name under which a model is served: one or more versions, one of them current. Every request is computed by the version
 * that was chosen when it arrived, whatever is promoted meanwhile.
 */
export interface ModelSlot {
  readonly name: string;
  readonly current: ServedModel;
  /** All that can be asked for, the current one included. */
  readonly versions: readonly ServedModel[];
  /** Puts a version beside the current one, for canary and shadow traffic. Throws ShapeError for another schema, RangeError for a version that is there. */
  add(model: ServedModel): void;
  /** From now on requests without a version go to this one. Throws RangeError for one that is not there. */
  promote(version: string): void;
  /** Add, promote, and retire the version before: what a registry's promotion calls. Resolves when the old one has closed. */
  swap(next: ServedModel): Promise<void>;
  /** Takes a version away: it answers what it has taken, then closes. Throws RangeError for the current one. */
  retire(version: string): Promise<void>;
  /** Computes by way of the queue and its batches, as a request over the wire does. Throws the errors of `Refusal`. */
  infer(inputs: TensorMap, options?: InferOptions): Promise<Answer>;
}

/** A request, when its inputs have been read and checked. */
export interface RequestEvent {
  /** Unique; the answer's header `x-request-id`. */
  readonly id: string;
  readonly model: string;
  /** The version that will compute it. */
  readonly version: string;
  readonly inputs: TensorMap;
  /** Lower case, as Node gives them; without `authorization`. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Milliseconds of `performance.now()`. */
  readonly received: number;
}

/** What became of a request. */
export interface ResponseEvent extends RequestEvent {
  /** Null where `status` is not 200. */
  readonly outputs: TensorMap | null;
  readonly status: number;
  /** From `received` until the answer was known, in ms. */
  readonly latency: number;
  /** Null where all went well. */
  readonly error: string | null;
}

/** What is known when a version has to be chosen. */
export type RouteEvent = Omit<RequestEvent, "version" | "inputs">;

/** Those who watch requests, or decide where they go. What a hook throws is logged and changes no answer. */
export interface ServingHooks {
  /** The version for a request that names none; undefined leaves it to the next hook, and at last to the current version. */
  route?(event: RouteEvent): string | undefined;
  /** After a request was answered or refused. */
  onRequest?(event: RequestEvent): void;
  /** Called once for every `onRequest`, after the answer is on its way: shadow traffic starts here. */
  onResponse?(event: ResponseEvent): void;
}

/** A server that runs. */
export interface Server {
  /** `http://127.0.0.1:8080` */
  readonly url: string;
  /** By name. */
  readonly models: ReadonlyMap<string, ModelSlot>;
  /** What `/metrics` shows; add your own. */
  readonly metrics: MetricsRegistry;
  /** Adds hooks; the function given back takes them away. */
  use(hooks: ServingHooks): () => void;
  /** Takes no more requests, answers those it has, then ends. Harmless a second time. */
  close(): Promise<void>;
}

/**
 * Further routes, such as a dashboard's: called before the server listens.
 *
 *   const dashboard: Routes = (app, server) => void app.get("/dashboard", async () => page(server));
 *
 * Keys guard them like all others, unless a route says `{ config: { open: true } }`.
 */
export type Routes = (app: FastifyInstance, server: Server) => void | Promise<void>;

declare module "fastify" {
  interface FastifyContextConfig {
    /** Whether a route is answered without a key. */
    open?: boolean;
  }
}
