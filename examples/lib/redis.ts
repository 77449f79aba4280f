import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A Redis of one's own. */
export interface Redis extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
}

/** Why no Redis can be started here, or null. */
export function withoutRedis(): string | null {
  const { status, error } = spawnSync("redis-server", ["--version"]);
  return status === 0 ? null : `redis-server does not run (${error?.message ?? `exit code ${status}`})`;
}

/** Starts a Redis that listens on a free port of this machine alone and keeps nothing on the disk. */
export async function startRedis(): Promise<Redis> {
  const [host, port, folder] = ["127.0.0.1", await freePort(), mkdtempSync(join(tmpdir(), "redis-"))];
  const settings = { port, bind: host, dir: folder, save: "", appendonly: "no" };
  const flags = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const server = spawn("redis-server", flags, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise<void>((resolve) => server.once("exit", () => resolve()));
  await new Promise<void>((resolve, reject) => {
    server.once("exit", (code) => reject(new Error(`redis-server ended with exit code ${code}`)));
    server.stdout.on("data", (text: Buffer) => {
      if (/ready to accept connections/i.test(text.toString())) resolve();
    });
  });
  const stop = async (): Promise<void> => {
    server.kill();
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  return { host, port, [Symbol.asyncDispose]: stop };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
