import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../..", import.meta.url));
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "serve-cli-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const MODEL = `
  const tensor = { name: "x", dtype: "float32", shape: [-1, 1] };
  export const model = {
    name: "slow", version: "1", engine: "own", batched: true, schema: { inputs: [tensor], outputs: [tensor] },
    infer: async (inputs) => {
      console.log("computing");
      await new Promise((resolve) => setTimeout(resolve, 500));
      return inputs;
    },
  };`;

describe("tensorgrad serve as a process", () => {
  it("answers on SIGTERM what it has taken, then ends with 0", async () => {
    writeFileSync(join(folder, "model.mjs"), MODEL);
    const main = JSON.stringify(join(root, "tensorgrad/src/cli/main.ts"));
    const start = `import { main } from ${main}; process.exitCode = await main(process.argv.slice(2));`;
    writeFileSync(join(folder, "start.mts"), start);
    const args = ["serve", join(folder, "model.mjs"), "--port", "0", "--log", "error"];
    const child = spawn(process.execPath, ["--import", "tsx", join(folder, "start.mts"), ...args], {
      cwd: root,
    });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const url = /http:\S+/.exec((await lines.next()).value ?? "")?.[0];
    const answer = fetch(`${url}/v2/models/slow/infer`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"inputs":[{"name":"x","shape":[1,1],"datatype":"FP32","data":[3]}]}',
    });
    expect((await lines.next()).value).toBe("computing");
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    const { outputs } = (await (await answer).json()) as { outputs: object[] };
    expect(outputs).toEqual([{ name: "x", shape: [1, 1], datatype: "FP32", data: [3] }]);
    expect(await ended).toEqual([0, null]);
  });
});
