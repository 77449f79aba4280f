import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { ServeOptions } from "tensorgrad/serving";

const SCRIPT = fileURLToPath(new URL("./serving-contestant.ts", import.meta.url));

/** A server in a process of its own, until `use` is done. */
export async function contestant<T>(
  name: string,
  settings: ServeOptions,
  use: (url: string) => Promise<T>,
): Promise<T> {
  const child = spawn(process.execPath, ["--import", "tsx", SCRIPT, name, JSON.stringify(settings)], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, TENSORGRAD_THREADS: "1" }, // as ONNX Runtime has there: a small product is not worth dividing
  });
  try {
    const [url] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
    return await use(url);
  } finally {
    child.stdin.end();
    await once(child, "exit");
  }
}
