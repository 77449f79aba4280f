import { createReadStream, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize, resolve } from "node:path";

/** Where the built site lies. */
const out = resolve(import.meta.dirname, "../../out/site");

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".json": "application/json",
  ".woff2": "font/woff2",
};

export interface Serving {
  readonly server: Server;
  /** With the base, without a slash at the end: `http://127.0.0.1:41234/course`. */
  readonly address: string;
}

/** Serves the built site on loopback, as any static host would: files, and `index.html` for a folder. */
export async function serve(base = process.env.SITE_BASE ?? "/"): Promise<Serving> {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? "/", "http://site").pathname);
    const file = path.startsWith(base) ? fileOf(path.slice(base.length)) : null;
    if (file === null) response.writeHead(404).end("no such page");
    else {
      response.writeHead(200, { "Content-Type": types[extname(file)] ?? "application/octet-stream" });
      createReadStream(file).pipe(response);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { server, address: `http://127.0.0.1:${port}${base.replace(/\/$/, "")}` };
}

function fileOf(path: string): string | null {
  const file = join(out, normalize(`/${path}`));
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats?.isDirectory()) return fileOf(`${path}/index.html`);
  return stats?.isFile() ? file : null;
}
