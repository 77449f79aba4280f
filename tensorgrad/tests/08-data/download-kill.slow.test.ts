import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { Random } from "../../src/00-runtime/index.ts";
import { findFile } from "../../src/08-data/download/source.ts";
import { mirrors, serving } from "./mirror.fixture.ts";
import { temporaryFolders } from "./mnist.fixture.ts";

const { folder, options } = temporaryFolders();
const { serve, change, requests } = mirrors();

it("a download that was killed is continued by the next process, twice", async () => {
  const random = new Random(1);
  const content = Uint8Array.from({ length: 300_000 }, () => random.integer(256));
  const sha256 = createHash("sha256").update(content).digest("hex");
  const [data, cache] = [join(folder(), "data"), join(folder(), "cache")];
  /** Serves the rest in two pieces; the second one never comes. */
  const stalling = (end: number) =>
    serving(content.subarray(0, end), { etag: '"v1"', total: content.length });
  const mirror = await serve(stalling(100_000));
  const child = fileURLToPath(new URL("./download-child.fixture.ts", import.meta.url));
  for (const end of [100_000, 200_000]) {
    change(stalling(end));
    const killed = spawn(process.execPath, ["--import", "tsx", child, mirror, data, cache, "300000", sha256]);
    let told = "";
    while (!told.includes(`${end}\n`)) told += (await once(killed.stdout, "data"))[0];
    killed.kill("SIGKILL");
    await once(killed, "exit");
  }
  change(serving(content, { etag: '"v1"' }));
  const path = await findFile(
    { title: "Tales", folders: ["tales"], mirrors: [mirror], substitute: "nothing" },
    { name: "a.bin", sha256, packed: { name: "a.bin", bytes: content.length, sha256 } },
    { ...options, download: true },
  );
  expect(Buffer.from(content).equals(readFileSync(path))).toBe(true);
  expect(requests.map(({ range }) => range)).toEqual([undefined, "bytes=100000-", "bytes=200000-"]);
  expect(readdirSync(join(cache, "tales"))).toEqual(["a.bin"]);
});
