import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach } from "vitest";
import type { MNISTOptions } from "../../src/08-data/sets/mnist.ts";
import { idxImages } from "./idx.fixture.ts";

/** A data folder and a cache, new for every test, and ways to talk about them. */
export function temporaryFolders() {
  let folder: string;
  const options: { -readonly [K in keyof MNISTOptions]: MNISTOptions[K] } = {
    download: false,
    verify: false,
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "mnist-"));
    Object.assign(options, { data: join(folder, "data"), cache: join(folder, "cache") });
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  return {
    folder: (): string => folder,
    options,
    put: (path: string, bytes: Uint8Array): void => {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), bytes);
    },
    /** Of the error that `promise` ends with, without this run's folder. */
    message: async (promise: Promise<unknown>): Promise<string> => {
      const error = await promise.then(
        () => new Error("nothing was thrown"),
        (thrown: Error) => thrown,
      );
      return `${error.name}: ${error.message.replaceAll(folder, "~").replaceAll("\\", "/")}`;
    },
  };
}

/** A file of so many images, their bytes counting up. */
export const images = (count: number): Uint8Array => idxImages(count, 28, 28, (i) => i % 256);

/** A port that nobody listens to. */
export async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}
