import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checked } from "../../00-runtime/index.ts";
import { type Environment, type Git, matters } from "./environment.ts";
import { variables } from "./experiment.ts";
import type { Line } from "./metrics-log.ts";
import { runFolders } from "./run-folder.ts";
import { expectRun, type Run, readRun } from "./runs.ts";

/** The first number that came out differently. */
export interface Difference {
  /** "step 12 (epoch 1)", "epoch 2". */
  readonly at: string;
  readonly key: string;
  readonly recorded: number | null;
  readonly replayed: number | null;
}

/** A recorded run, repeated: what is equal and what is not. */
export interface Replay {
  readonly id: string;
  readonly identical: boolean;
  /** Steps and epochs whose numbers were compared. */
  readonly steps: number;
  readonly epochs: number;
  readonly difference: Difference | null;
  /** Why it could not be compared, or what to bear in mind. */
  readonly notes: readonly string[];
}

/**
 * Runs the recorded program again, with the recorded arguments, configuration and seed, in the folder it was run in, and
 * compares all numbers: they must be the same to the last bit. The second run is written to a temporary folder.
 */
export async function replay(
  run: Run,
  options: { readonly onOutput?: (text: string) => void } = {},
): Promise<Replay> {
  const { onOutput = () => {} } = checked("replay", options, ["onOutput"]);
  expectRun("replay", run);
  const root = mkdtempSync(join(tmpdir(), "replay-"));
  try {
    const code = await again(run, root, onOutput);
    const { name, ordinal } = run.record;
    const repeated = runFolders(root)
      .map(readRun)
      .find(({ record }) => record.name === name && record.ordinal === ordinal);
    const failed = code === 0 ? [] : [`the program ended with exit code ${code}`];
    if (!repeated) {
      const none = `the program made no run "${name}"; does it still have an Experiment among its callbacks?`;
      return {
        id: run.record.id,
        identical: false,
        steps: 0,
        epochs: 0,
        difference: null,
        notes: [...failed, none],
      };
    }
    return judge(run, repeated, failed);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/**
 * What a replay of a run would start, and with which recorded variables: those that change numbers (threads, BLAS), no
 * others. A record from elsewhere cannot smuggle in what changes how Node starts.
 */
export function replayed(run: Run): {
  readonly command: readonly string[];
  readonly folder: string;
  readonly variables: Environment["variables"];
} {
  expectRun("replayed", run);
  const { command } = run.record;
  const { variables: recorded } = run.environment;
  const kept = Object.entries((recorded ?? {}) as Environment["variables"]).filter(([name]) => matters(name));
  return {
    command: [process.execPath, ...command.node, ...command.program],
    folder: command.folder,
    variables: Object.fromEntries(kept),
  };
}

function again(run: Run, root: string, onOutput: (text: string) => void): Promise<number | null> {
  const { command, folder: cwd, variables: recorded } = replayed(run);
  if (!existsSync(cwd)) {
    throw new RangeError(
      `replay: the run ${run.record.id} was made in ${cwd}, which is not here — replay it on the machine it was made on`,
    );
  }
  const env = {
    ...process.env,
    ...recorded,
    [variables.root]: root,
    [variables.replay]: run.folder,
  };
  return new Promise((resolve, reject) => {
    const child = spawn(command[0], command.slice(1), { cwd, env });
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", onOutput);
    child.on("error", reject);
    child.on("close", resolve);
  });
}

/** Line by line up to the first difference: after it all numbers differ, which says nothing more. */
function judge(recorded: Run, repeated: Run, notes: readonly string[]): Replay {
  const [old, fresh] = [recorded.log.lines, repeated.log.lines];
  const compared = old.slice(0, fresh.length);
  const difference =
    compared.flatMap((line, i) => differenceOf(line, fresh[i]) ?? []).at(0) ?? lengthOf(old, fresh);
  const count = (kind: Line["kind"]): number => compared.filter((line) => line.kind === kind).length;
  const more = fresh.length > old.length ? ["the recorded run ended earlier; what it has was compared"] : [];
  const [before, after] = [recorded, repeated].map(({ environment }) => environment.git as Git | null);
  const moved = before?.commit === after?.commit ? [] : ["the program is at another commit than it was"];
  const dirty = before?.dirty ? ["the program differed from its commit when it was recorded"] : [];
  return {
    id: recorded.record.id,
    identical: difference === null && compared.length > 0,
    steps: count("step"),
    epochs: count("epoch"),
    difference,
    notes: [
      recorded.log.note ?? [],
      ...notes,
      ...more,
      compared.length ? [] : "the recorded run has no numbers",
      moved,
      dirty,
    ].flat(),
  };
}

/** Times aside, everything in a line is a number that must come out the same. */
function differenceOf(old: Line, fresh: Line): Difference | null {
  const [a, b] = [numbers(old), numbers(fresh)];
  const key = Object.keys({ ...a, ...b }).find((name) => !Object.is(a[name] ?? null, b[name] ?? null));
  if (key === undefined) return null;
  const at = old.kind === "step" ? `step ${old.step} (epoch ${old.epoch})` : `epoch ${old.epoch}`;
  return { at, key, recorded: a[key] ?? null, replayed: b[key] ?? null };
}

/** Null stands for a number that one of the two runs does not have. */
function numbers(line: Line): Record<string, number | undefined> {
  const { step, epoch, metrics } = line;
  if (line.kind === "epoch") return { step, epoch, ...metrics };
  const { batch, loss, lr, gradNorm } = line;
  return { step, epoch, batch, loss, lr, gradNorm, ...metrics };
}

/** A second run that ends before the first did is a difference as well; one that goes on is not: the first was stopped. */
function lengthOf(old: readonly Line[], fresh: readonly Line[]): Difference | null {
  if (fresh.length >= old.length) return null;
  const { step, epoch } = old[fresh.length];
  return { at: `step ${step} (epoch ${epoch})`, key: "step", recorded: step, replayed: null };
}
