import { spawn } from "node:child_process";
import { existsSync, type FSWatcher, mkdirSync, mkdtempSync, readdirSync, rmSync, watch } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Random } from "tensorgrad";
import { loadTensors } from "tensorgrad/train/node";

/** One SIGKILL and what it left. */
export interface Kill {
  readonly optimizer: Optimizer;
  /** At any time, or as soon as a file is being written. */
  readonly aim: "time" | "write";
  /** The step that the killed process had resumed after. */
  readonly from: number;
  /** Files that were not finished, and whole ones: how many could be read. */
  readonly unfinished: number;
  readonly checkpoints: number;
  readonly readable: number;
  /** The step of the newest checkpoint that it left, 0 without any; and whether the next process went on from there. */
  readonly newest: number;
  readonly resumed: boolean;
}

export interface KillReport {
  readonly seed: number;
  readonly kills: readonly Kill[];
  /** Trainings that came to their end, however often they were killed, and those with the expected weights and results. */
  readonly trainings: number;
  readonly identical: number;
  /** Of the others: where they first differ. */
  readonly differences: readonly string[];
}

type Optimizer = "adam" | "momentum";

/** What a training came to. */
interface End {
  readonly steps: number;
  readonly weights: string;
  readonly history: readonly { readonly train: { readonly losses: readonly number[] } }[];
}

interface Life {
  readonly from: number;
  /** Null for one that was killed. */
  readonly end: End | null;
  readonly milliseconds: number;
}

const program = fileURLToPath(new URL("kill-child.fixture.ts", import.meta.url));

/** Kills trainings with SIGKILL, half of them in the middle of writing a file, and goes on until all are finished. */
export async function killAndResume(
  wanted: number,
  { seed = 1, onKill = () => {} }: { seed?: number; onKill?: (kill: Kill) => void } = {},
): Promise<KillReport> {
  const random = new Random(seed);
  const folder = mkdtempSync(join(tmpdir(), "kill-"));
  const expected = new Map<Optimizer, Life>();
  const kills: Kill[] = [];
  const differences: string[] = [];
  let trainings = 0;
  try {
    for (; kills.length < wanted; trainings++) {
      const optimizer = trainings % 2 === 0 ? "adam" : "momentum";
      const whole = expected.get(optimizer) ?? (await live(join(folder, optimizer), optimizer));
      expected.set(optimizer, whole);
      const at = join(folder, String(trainings));
      let last: Omit<Kill, "resumed"> | null = null;
      for (;;) {
        const aim = random.uniform() < 0.5 ? "time" : "write";
        const after = random.uniform() * whole.milliseconds;
        const spare = kills.length + (last ? 1 : 0) >= wanted;
        const life = await live(at, optimizer, spare ? null : { aim, after });
        if (last) {
          const kill = { ...last, resumed: life.from === last.newest };
          kills.push(kill);
          onKill(kill);
        }
        if (life.end) {
          if (JSON.stringify(life.end) !== JSON.stringify(whole.end)) {
            differences.push(
              `${optimizer}, resumed after step ${life.from}: ${differenceOf(life.end, whole.end)}`,
            );
          }
          break;
        }
        last = { optimizer, aim, from: life.from, ...(await examine(at)) };
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return { seed, kills, trainings, identical: trainings - differences.length, differences };
}

/** The first step whose loss is another; without one, only what came after the last loss can differ. */
function differenceOf(end: End, whole: End | null): string {
  const [a, b] = [end, whole].map((one) => one?.history.flatMap(({ train }) => train.losses) ?? []);
  const step = a.findIndex((loss, i) => loss !== b[i]);
  return step < 0
    ? "weights or results, after equal losses"
    : `loss ${a[step]} at step ${step + 1}, expected ${b[step]}`;
}

/** One process, to its end or its kill. */
function live(
  folder: string,
  optimizer: Optimizer,
  kill: { aim: Kill["aim"]; after: number } | null = null,
): Promise<Life> {
  mkdirSync(folder, { recursive: true });
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--import", "tsx", program, folder, optimizer], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let [from, started] = [0, 0];
    let end: End | null = null;
    let watcher: FSWatcher | undefined;
    const stop = (): void => void child.kill("SIGKILL");
    const aim = (): void => {
      if (kill?.aim === "write" && child.exitCode === null) watcher = onWrite(folder, stop);
      else stop();
    };
    createInterface({ input: child.stdout }).on("line", (line) => {
      const { event, ...what } = JSON.parse(line) as { event: string; from: number } & End;
      if (event === "done") end = { steps: what.steps, weights: what.weights, history: what.history };
      if (event !== "start") return;
      [from, started] = [what.from, performance.now()];
      if (kill) setTimeout(aim, kill.after);
    });
    child.on("error", reject);
    child.on("close", (code) => {
      watcher?.close();
      if (code !== 0 && code !== null) reject(new Error(`${optimizer} in ${folder}: exit code ${code}`));
      else resolve({ from, end, milliseconds: performance.now() - started });
    });
  });
}

/** As soon as a temporary file appears. */
const onWrite = (folder: string, act: () => void): FSWatcher =>
  watch(folder, (_, name) => {
    if (name?.endsWith(".tmp")) act();
  });

async function examine(
  folder: string,
): Promise<Pick<Kill, "unfinished" | "checkpoints" | "readable" | "newest">> {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const whole = names.filter((name) => name.endsWith(".safetensors"));
  let readable = 0;
  for (const name of whole) {
    await loadTensors(join(folder, name)).then(
      () => readable++,
      () => {},
    );
  }
  const steps = whole.flatMap((name) => /^step-(\d+)/.exec(name)?.[1] ?? []).map(Number);
  return {
    unfinished: names.filter((name) => name.endsWith(".tmp")).length,
    checkpoints: whole.length,
    readable,
    newest: Math.max(0, ...steps),
  };
}
