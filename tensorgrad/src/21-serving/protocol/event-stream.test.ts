// own process: servers listen
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import type { FastifyReply } from "fastify";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EventStream } from "./event-stream.ts";

const server = createServer();
let socket: Socket;
let raw: ServerResponse;

beforeEach(async () => {
  await once(server.listen(0, "127.0.0.1"), "listening");
  socket = connect((server.address() as AddressInfo).port, "127.0.0.1").pause();
  socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
  [, raw] = (await once(server, "request")) as [unknown, ServerResponse];
});
afterEach(async () => {
  socket.destroy();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const silent = { warn() {}, error() {} };
const streamTo = (patience: number): EventStream =>
  new EventStream(
    { raw, hijack() {}, request: { id: "1" }, log: silent } as unknown as FastifyReply,
    patience,
  );

const MUCH = "x".repeat(2 ** 20);

/** Sends until it is refused. */
async function sendAll(stream: EventStream): Promise<unknown> {
  for (let i = 0; i < 1000; i++) {
    const refused = await stream.send(MUCH).then(
      () => null,
      (error: unknown) => error,
    );
    if (refused) return refused;
  }
  return null;
}

describe("EventStream", () => {
  it("waits for a client that reads slowly, and cuts off one that does not read", async () => {
    const stream = streamTo(150);
    const refused = await sendAll(stream);
    expect(refused).toMatchInlineSnapshot(
      `[Refusal: completions: the client has not read for 150 ms — it is cut off]`,
    );
    stream.fail(refused);
    await once(socket.resume(), "close");
    expect(raw.destroyed).toBe(true);
  });

  it("ends when the client hangs up, also while it waits", async () => {
    const stream = streamTo(60_000);
    setTimeout(() => socket.destroy(), 100);
    expect(await sendAll(stream)).toMatchObject({ status: 499 });
    expect(await sendAll(stream)).toMatchObject({ status: 499 });
  });

  it("says at the end what went wrong", async () => {
    const stream = streamTo(1000);
    await stream.send({ text: "a" });
    stream.fail(new Error("secret"));
    let text = "";
    for await (const part of socket) {
      text += part;
      if (text.endsWith("0\r\n\r\n")) break;
    }
    expect(text).toContain('data: {"text":"a"}\n\n');
    expect(text).toContain("internal error; the log has more of request 1");
    expect(text).not.toContain("secret");
  });
});
