/** A thread that writes files at once with the others: told a path and contents, it says whether all went well. */
import { parentPort } from "node:worker_threads";
import { writeDurably } from "../../src/00-runtime/node.ts";

parentPort?.on("message", async ({ path, contents }: { path: string; contents: readonly string[] }) => {
  const results = await Promise.allSettled(contents.map((content) => writeDurably(path, content)));
  parentPort?.postMessage(
    results.flatMap((result) => (result.status === "rejected" ? String(result.reason) : [])),
  );
});
