import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach } from "vitest";

/** A real server on this machine, new for every test, and what it was asked. */
export function mirrors() {
  let server: Server | null = null;
  const requests: IncomingMessage["headers"][] = [];
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
    server = null;
    requests.length = 0;
  });
  return {
    requests,
    async serve(handler: RequestListener): Promise<string> {
      server = createServer((request, response) => {
        requests.push(request.headers);
        handler(request, response);
      });
      const { promise, resolve } = promiseWithResolvers();
      server.listen(0, "127.0.0.1", resolve);
      await promise;
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    },
    /** Answers differently from now on. */
    change(handler: RequestListener): void {
      server?.removeAllListeners("request");
      server?.on("request", (request: IncomingMessage, response) => {
        requests.push(request.headers);
        handler(request, response);
      });
    },
  };
}

interface Served {
  readonly etag?: string;
  /** Breaks the connection after so many bytes. */
  readonly breakAfter?: number;
  readonly ranges?: boolean;
  /** Announces so many bytes, sends those there are, and falls silent. */
  readonly total?: number;
}

/** Serves `content` as a good server does: with `Range`, `If-Range` and ETag. */
export const serving =
  (
    content: Uint8Array,
    { etag, breakAfter, ranges = true, total = content.length }: Served = {},
  ): RequestListener =>
  (request, response) => {
    const valid = !request.headers["if-range"] || request.headers["if-range"] === etag;
    const [, from] = /^bytes=(\d+)-$/.exec(request.headers.range ?? "") ?? [];
    const start = ranges && valid && from ? Number(from) : 0;
    if (start > 0 && start >= content.length) {
      response.writeHead(416).end();
      return;
    }
    const rest = content.subarray(start);
    response.writeHead(start > 0 ? 206 : 200, {
      "content-length": total - start,
      ...(etag ? { etag } : {}),
      ...(start > 0 ? { "content-range": `bytes ${start}-${total - 1}/${total}` } : {}),
    });
    if (total > content.length) response.write(rest);
    else if (breakAfter === undefined) response.end(rest);
    else response.write(rest.subarray(0, breakAfter), () => setTimeout(() => response.destroy(), 20));
  };

function promiseWithResolvers() {
  let resolve: () => void = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
