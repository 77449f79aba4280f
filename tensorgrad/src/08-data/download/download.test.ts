import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { mirrors, serving } from "../../../tests/08-data/mirror.fixture.ts";
import { closedPort, temporaryFolders } from "../../../tests/08-data/mnist.fixture.ts";
import { Random } from "../../00-runtime/index.ts";
import { writer } from "../../00-runtime/node.ts";
import type { DownloadProgress } from "./download.ts";
import { type FindOptions, findFile, type Source, type SourceFile } from "./source.ts";

const { options, message, folder, put } = temporaryFolders();
const { serve, change, requests } = mirrors();

const random = new Random(1);
const content = Uint8Array.from({ length: 200_000 }, () => random.integer(256));
const other = content.map((byte) => byte ^ 1);
const sha256 = createHash("sha256").update(content).digest("hex");

const source: Source = { title: "Tales", folders: ["tales"], mirrors: [], substitute: "syntheticText" };
const file: SourceFile = { name: "a.bin", sha256, packed: { name: "a.bin", bytes: content.length, sha256 } };

const find = (mirror: string | readonly string[], more: FindOptions = {}): Promise<string> =>
  findFile(source, file, { ...options, download: true, mirrors: [mirror].flat(), timeout: 5000, ...more });
const failure = async (promise: Promise<unknown>, ...addresses: readonly string[]): Promise<string> => {
  const text = await message(promise);
  return addresses.reduce(
    (result, address, i) => result.replaceAll(address, `http://mirror${i || ""}`),
    text,
  );
};
const cache = (): string => join(folder(), "cache/tales");
/** Names in the cache, without process numbers. */
const left = (): string[] =>
  readdirSync(cache())
    .map((name) => name.replace(/[0-9a-f]{8}-\d+-[0-9a-f]{12}/, "N"))
    .sort();
const aside = ["a.bin.N.part", "a.bin.N.part.json"];

describe("downloads", () => {
  it("arrive whole, with their progress", async () => {
    const mirror = await serve(serving(content));
    const seen: DownloadProgress[] = [];
    const path = await find(mirror, { onDownload: (progress) => seen.push(progress) });
    expect(path).toBe(join(cache(), "a.bin"));
    expect(Buffer.from(content).equals(readFileSync(path))).toBe(true);
    expect(seen.at(-1)).toEqual({ url: `${mirror}/a.bin`, bytes: content.length, total: content.length });
    expect(left()).toEqual(["a.bin"]);
    expect(await find(mirror)).toBe(path);
    expect(requests).toHaveLength(1);
  });

  it("happen once for two who ask at the same time", async () => {
    const mirror = await serve(serving(content));
    const [a, b] = await Promise.all([find(mirror), find(mirror)]);
    expect(a).toBe(b);
    expect(requests).toHaveLength(1);
  });

  it("refuse a web page, and whatever else is no file of that size, and keep nothing of it", async () => {
    const mirror = await serve((_, response) => {
      response
        .writeHead(200, { "content-type": "text/html; charset=utf-8" })
        .end("<html>please log in</html>");
    });
    expect(await failure(find(mirror), mirror)).toMatchInlineSnapshot(
      `"DataNotFoundError: Tales: a.bin is nowhere to be found (looked in ~/data (TENSORGRAD_DATA), ~/cache/tales; tried http://mirror/a.bin: the server sent a web page (text/html), not the file) — set TENSORGRAD_DATA to a folder that holds tales/a.bin, or use syntheticText"`,
    );
    change((_, response) => response.end("please log in"));
    expect(await failure(find(mirror))).toMatch(/expected 200000 bytes, the server has 13/);
    change((_, response) => {
      response.write("please");
      response.end("log in"); // no length announced
    });
    expect(await failure(find(mirror))).toMatch(/expected 200000 bytes, found 12/);
    expect(left()).toEqual([]);
  });

  it("stop reading what is longer than the file", async () => {
    const mirror = await serve((_, response) => {
      const flood = (): void => {
        while (response.writable && response.write(Buffer.alloc(2 ** 16)));
        if (response.writable) response.once("drain", flood);
      };
      flood();
    });
    expect(await failure(find(mirror))).toMatch(/expected 200000 bytes, found more/);
    expect(left()).toEqual([]);
  });

  it("refuse the right number of wrong bytes", async () => {
    const mirror = await serve(serving(other));
    expect(await failure(find(mirror))).toMatch(/expected SHA-256 [0-9a-f]{12}…, found [0-9a-f]{12}…/);
    expect(left()).toEqual([]);
  });

  it("report refusals, silence and closed ports, mirror by mirror", async () => {
    const mirror = await serve((_, response) => response.writeHead(404).end());
    const down = `http://127.0.0.1:${await closedPort()}`;
    expect(
      (await failure(find([mirror, down]), mirror, down)).replaceAll(down.slice(7), "host"),
    ).toMatchInlineSnapshot(
      `"DataNotFoundError: Tales: a.bin is nowhere to be found (looked in ~/data (TENSORGRAD_DATA), ~/cache/tales; tried http://mirror/a.bin: HTTP 404 Not Found, http://mirror1/a.bin: connect ECONNREFUSED host) — set TENSORGRAD_DATA to a folder that holds tales/a.bin, or use syntheticText"`,
    );
    change(() => {});
    expect(await failure(find(mirror, { timeout: 300 }))).toMatch(/no answer for 300 ms/);
    change((_, response) => {
      const drop = setInterval(() => response.write("."), 20); // 50 bytes a second, and never silent
      response.on("close", () => clearInterval(drop));
    });
    expect(await failure(find(mirror, { timeout: 300 }))).toMatch(
      /\d+ bytes in 300 ms, expected 1024 a second or more/,
    );
    change((_, response) => response.writeHead(416).end());
    expect(await failure(find(mirror))).toMatch(/HTTP 416 Range Not Satisfiable/);
    expect(requests.length).toBeLessThan(9);
    change((_, response) => response.write("a beginning, and then nothing"));
    expect(await failure(find(mirror, { timeout: 300 }))).toMatch(
      /29 bytes in 300 ms, expected 1024 a second/,
    );
  });
});

describe("downloads that broke off", () => {
  const half = 120_000;
  const [machine] = writer.split("-");
  const dead = `cache/tales/a.bin.${machine}-4194304999-0123456789ab.part`; // above the largest process number
  const alive = `a.bin.${machine}-${process.ppid}-0123456789ab.part`;

  /** Leaves the first `half` bytes in the cache. */
  async function breakOff(etag?: string): Promise<string> {
    const mirror = await serve(serving(content, { breakAfter: half, ...(etag ? { etag } : {}) }));
    expect(await failure(find(mirror))).toMatch(/Tales: a\.bin is nowhere to be found/);
    expect(left()).toEqual(aside);
    const [name] = readdirSync(cache());
    expect(readFileSync(join(cache(), name)).length).toBe(half);
    return mirror;
  }
  const whole = async (mirror: string | readonly string[], seen: number[] = []): Promise<void> => {
    const path = await find(mirror, { onDownload: ({ bytes }) => seen.push(bytes) });
    expect(Buffer.from(content).equals(readFileSync(path))).toBe(true);
    expect(left()).toEqual(["a.bin"]);
  };

  it("are kept aside, never taken for data, and continued from there", async () => {
    const mirror = await breakOff('"v1"');
    expect(await failure(find(mirror, { download: false }))).toMatch(/nowhere to be found/);
    change(serving(content, { etag: '"v1"' }));
    const seen: number[] = [];
    await whole(mirror, seen);
    expect(requests.at(-1)).toMatchObject({ range: `bytes=${half}-`, "if-range": '"v1"' });
    expect(seen[0]).toBeGreaterThan(half);
  });

  it("start over if the file has changed on the server", async () => {
    const mirror = await breakOff('"v1"');
    change(serving(content, { etag: '"v2"' }));
    await whole(mirror);
    expect(requests).toHaveLength(2);
  });

  it("start over if the end does not fit the beginning, and no ETag told", async () => {
    const mirror = await serve(serving(other, { breakAfter: half }));
    await failure(find(mirror));
    change(serving(content));
    await whole(mirror);
    expect(requests.map(({ range }) => range)).toEqual([undefined, `bytes=${half}-`, undefined]);
  });

  it("start over if the server sends everything again", async () => {
    const mirror = await breakOff();
    change(serving(content, { ranges: false }));
    await whole(mirror);
    expect(requests.at(-1)?.range).toBe(`bytes=${half}-`);
  });

  it("start over if the server sends another part than was asked for, or has less", async () => {
    const mirror = await breakOff();
    change((_, response) => response.writeHead(206, { "content-range": "bytes 7-9/10" }).end("abc"));
    expect(await failure(find(mirror))).toMatch(/asked for bytes from 120000 on, got bytes 7-9\/10/);
    change((request, response) => {
      if (request.headers.range) response.writeHead(416).end();
      else serving(content)(request, response);
    });
    await whole(mirror);
  });

  it("end with the refusal of a mirror that refuses every request, whatever its status", async () => {
    const mirror = await breakOff();
    const statuses = fc.oneof(fc.constant(416), fc.integer({ min: 400, max: 599 }));
    await fc.assert(
      fc.asyncProperty(statuses, async (status) => {
        const asked = requests.length;
        change((_, response) => response.writeHead(status).end());
        expect(await failure(find(mirror))).toContain(`HTTP ${status}`);
        expect(requests.length - asked).toBeLessThanOrEqual(2); // for the rest, then for all of it
      }),
      { numRuns: 20 },
    );
  });

  it("are continued by the next mirror, in the same call", async () => {
    const good = await serve((request, response) =>
      serving(content, request.url?.startsWith("/bad") ? { breakAfter: half } : {})(request, response),
    );
    await whole([`${good}/bad`, `${good}/good`]);
    expect(requests.map(({ range }) => range)).toEqual([undefined, `bytes=${half}-`]);
  });

  it("are taken over from a process that died, and left alone while it lives", async () => {
    const mirror = await serve(serving(content));
    put(dead, content.subarray(0, half));
    put(`cache/tales/${alive}`, content.subarray(0, half));
    const path = await find(mirror);
    expect(Buffer.from(content).equals(readFileSync(path))).toBe(true);
    expect(requests[0].range).toBe(`bytes=${half}-`);
    expect(readdirSync(cache()).sort()).toEqual(["a.bin", alive]);
  });

  it("need no server if only the name was missing", async () => {
    put(dead, content);
    await whole("http://127.0.0.1:1");
  });
});

describe("a disk that refuses", () => {
  afterEach(() => vi.restoreAllMocks());

  it("is not blamed on the mirrors: no space left while downloading", async () => {
    const mirror = await serve((_, response) => {
      response.write(content.subarray(0, 50_000)); // in two pieces: the first one fits, the second does not
      setTimeout(() => response.end(content.subarray(50_000)), 50);
    });
    const handle = await open(import.meta.filename);
    const prototype = Object.getPrototypeOf(handle);
    await handle.close();
    const write = prototype.appendFile;
    let room = 60_000;
    vi.spyOn(prototype, "appendFile").mockImplementation(async function (this: unknown, bytes: unknown) {
      room -= (bytes as Uint8Array).length;
      if (room < 0)
        throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
      return write.call(this, bytes);
    });
    const full = await failure(find([mirror, mirror]), mirror);
    expect(full.replace(writer, "N")).toMatchInlineSnapshot(
      `"StorageError: Tales: cannot write ~/cache/tales/a.bin.N.part (no space left on the disk, ENOSPC) — a.bin takes 195 KB; free some space or pass { cache } with a folder that can be written to. What has arrived is kept aside and continued"`,
    );
    expect(requests).toHaveLength(1);
    expect(left()).toEqual(aside);
    expect(await failure(find(mirror, { download: false }))).toMatch(/^DataNotFoundError/);
    vi.restoreAllMocks();
    change(serving(content));
    expect(existsSync(await find(mirror))).toBe(true); // there is space now
    expect(requests[1].range).toBe("bytes=50000-");
    expect(left()).toEqual(["a.bin"]);
  });

  it.skipIf(!existsSync("/dev/full"))("says so for a device that is full", async () => {
    const mirror = await serve(serving(content));
    mkdirSync(cache(), { recursive: true });
    symlinkSync("/dev/full", join(cache(), `a.bin.${writer}.part`));
    expect(await failure(find(mirror))).toMatch(
      /^StorageError: Tales: cannot write .* \(no space left on the disk, ENOSPC\)/,
    );
  });

  it("says that the cache is no folder", async () => {
    const mirror = await serve(serving(content));
    writeFileSync(join(folder(), "cache"), "");
    expect(await failure(find(mirror))).toMatchInlineSnapshot(
      `"StorageError: Tales: cannot write ~/cache/tales (a part of the path is no folder, ENOTDIR) — a.bin takes 195 KB; free some space or pass { cache } with a folder that can be written to. What has arrived is kept aside and continued"`,
    );
  });

  it.skipIf(!process.getuid)("says that it may not write to the cache, or read the data", async () => {
    const mirror = await serve(serving(content));
    chmodSync(folder(), 0o755);
    mkdirSync(cache(), { recursive: true });
    chmodSync(cache(), 0o555);
    await asNobody(async () => {
      expect(await failure(find(mirror))).toMatch(
        /^StorageError: Tales: cannot write .* \(permission denied, EACCES\)/,
      );
    });
    put("data/tales/a.bin", content);
    chmodSync(join(folder(), "data/tales"), 0o600);
    await asNobody(async () => {
      expect(await failure(find(mirror))).toMatchInlineSnapshot(
        `"StorageError: Tales: cannot read ~/data/tales/a.bin (permission denied, EACCES) — make it readable, or set { data }"`,
      );
    });
    for (const path of ["data/tales", "cache/tales"]) chmodSync(join(folder(), path), 0o755);
  });
});

/** Root may do anything: then somebody else tries. */
async function asNobody(attempt: () => Promise<void>): Promise<void> {
  const root = process.getuid?.() === 0;
  if (root) process.seteuid?.(65_534);
  try {
    await attempt();
  } finally {
    if (root) process.seteuid?.(0);
  }
}
