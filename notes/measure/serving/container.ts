import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Random, zeros } from "tensorgrad";
import { Linear } from "tensorgrad/nn";
import { exportOnnx } from "tensorgrad/onnx";
import { report } from "../../lib/measure.ts";

/**
 * Does what `examples/serve/Containerfile` says, line by line, in folders in place of images: for machines that have no engine for
 * containers. Files come from git, packages from npm; Node is the one that runs this. An instruction that is not known here fails.
 */
const ROOT = join(import.meta.dirname, "../../..");
const temporary = mkdtempSync(join(tmpdir(), "container-"));

interface Stage {
  readonly root: string;
  folder: string;
}

const stages = new Map<string, Stage>();
const done: string[] = [];
let stage: Stage | null = null;
let check = "";
let [entry, args]: string[][] = [[], []];

const current = (): Stage => stage ?? fail("an instruction before FROM");
const fail = (what: string): never => {
  throw new RangeError(`Containerfile: ${what}`);
};

/** What a path of the image is here. */
const inside = ({ root, folder }: Stage, path: string): string =>
  join(path.startsWith("/") ? root : folder, path);

const instructions: Readonly<Record<string, (rest: string) => void>> = {
  FROM(rest) {
    const [, , name = String(stages.size)] = rest.split(/\s+/);
    const root = join(temporary, name);
    mkdirSync(root, { recursive: true });
    stage = { root, folder: root };
    stages.set(name, stage);
  },
  WORKDIR(rest) {
    current().folder = inside(current(), rest);
    mkdirSync(current().folder, { recursive: true });
  },
  COPY(rest) {
    const from = /^--from=(\S+) (\S+) (\S+)$/.exec(rest);
    if (from) {
      const source = stages.get(from[1]) ?? fail(`no stage ${from[1]}`);
      return cpSync(inside(source, from[2]), inside(current(), from[3]), { recursive: true });
    }
    if (rest !== ". .") fail(`COPY ${rest}`);
    const files = execFileSync("git", ["ls-files", "-z"], { cwd: ROOT, encoding: "utf8" }).split("\0");
    for (const file of files.filter(Boolean)) {
      mkdirSync(dirname(join(current().folder, file)), { recursive: true });
      cpSync(join(ROOT, file), join(current().folder, file));
    }
  },
  RUN(rest) {
    const { root, folder } = current();
    const command = rest.replaceAll(/(?<=\s)\/(?=packed)/g, `${root}/`);
    const { status, stdout, stderr } = spawnSync("sh", ["-c", command], { cwd: folder, encoding: "utf8" });
    if (status !== 0) fail(`RUN ${rest}: ${status}\n${stdout}${stderr}`);
  },
  USER: () => {}, // whoever runs this
  EXPOSE: () => {},
  HEALTHCHECK(rest) {
    check = rest.replace(/^.*?CMD /, "");
  },
  ENTRYPOINT(rest) {
    entry = JSON.parse(rest) as string[];
  },
  CMD(rest) {
    args = JSON.parse(rest) as string[];
  },
};

async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

const isHealthy = (port: number, cwd: string): boolean =>
  spawnSync("sh", ["-c", check.replace("8080", String(port))], { cwd }).status === 0;

async function healthy(child: ChildProcess, port: number, cwd: string): Promise<void> {
  while (!isHealthy(port, cwd)) {
    if (child.exitCode !== null) fail(`the server ended with ${child.exitCode}`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

/** A model in /models, a request, and a word to end. */
async function served(): Promise<{
  healthyBefore: boolean;
  healthy: boolean;
  status: number;
  outputs: number;
  exitCode: number | null;
}> {
  const { root, folder } = current();
  mkdirSync(join(root, "models"));
  writeFileSync(
    join(root, "models/model.onnx"),
    exportOnnx(new Linear(3, 2, { random: new Random(1) }), zeros([1, 3]), { dynamicBatch: true }),
  );
  const port = await freePort();
  const [command, ...rest] = [
    ...entry,
    ...args.map((path) => inside(current(), path)),
    "--port",
    String(port),
  ];
  const healthyBefore = isHealthy(port, folder);
  const child = spawn(command, rest, { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
  await healthy(child, port, folder);
  const answer = await fetch(`http://127.0.0.1:${port}/v2/models/model/infer`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ inputs: [{ name: "input", shape: [1, 3], datatype: "FP32", data: [1, 2, 3] }] }),
  });
  const { outputs } = (await answer.json()) as { outputs: { data: number[] }[] };
  child.kill("SIGTERM");
  const [exitCode] = (await once(child, "exit")) as [number | null];
  return { healthyBefore, healthy: true, status: answer.status, outputs: outputs[0].data.length, exitCode };
}

try {
  const text = readFileSync(join(ROOT, "examples/serve/Containerfile"), "utf8");
  for (const line of text.replaceAll("\\\n", " ").split("\n")) {
    const [, name, rest] = /^([A-Z]+)\s+(.*)$/.exec(line.trim()) ?? [];
    if (!name) continue;
    (instructions[name] ?? fail(`${name} is not known here`))(rest.replaceAll(/\s+/g, " "));
    done.push(name);
  }
  report({ instructions: done, ...(await served()) });
} finally {
  rmSync(temporary, { recursive: true, force: true });
}
