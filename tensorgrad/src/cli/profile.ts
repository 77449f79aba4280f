import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";

/** What the profiled process is told, through its environment. */
export interface ProfileWishes {
  readonly top: number;
  readonly json: boolean;
  readonly page: string | null;
  readonly trace: string | null;
}

export const WISHES = "TENSORGRAD_PROFILE";

/** The module that profiles, in the language in which this one runs: TypeScript in a checkout, JavaScript in the package. */
const profiled = new URL(import.meta.url.endsWith(".ts") ? "profiled.ts" : "profiled.js", import.meta.url)
  .href;

interface Options {
  readonly top: string;
  readonly json?: boolean;
  readonly page?: string;
  readonly trace?: string;
}

/** `tensorgrad profile <script>`: runs a program, unchanged, and says where its time goes. `done` is told its exit code. */
export function addProfile(program: Command, done: (code: number) => void): void {
  program
    .command("profile")
    .description("runs a script and says which operations, of which layers, take its time")
    .argument("<script>", "a program that imports tensorgrad; TypeScript if tsx is installed")
    .argument("[arguments...]", "the script's own")
    .passThroughOptions()
    .option("--top <n>", "rows of the table", "30")
    .option("--page <file>", "writes an HTML page: bottlenecks, flame graph, roofline")
    .option("--trace <file>", "writes Chrome trace events, for Perfetto or speedscope")
    .option("--json", "the last line is one JSON object")
    .action(async (script: string, args: string[], options: Options) => {
      done(await runProfiled(script, args, wishesOf(script, options)));
    });
}

function wishesOf(script: string, { top, json = false, page, trace }: Options): ProfileWishes {
  if (!existsSync(script))
    throw new RangeError(`profile: ${script} — no such file; give the path of a script`);
  const rows = Number(top);
  if (!Number.isInteger(rows) || rows < 1)
    throw new RangeError(`profile: --top ${top} — an integer, 1 or more`);
  return { top: rows, json, page: page ?? null, trace: trace ?? null };
}

/** In a process of its own: a script may end its process, or never return. Resolves to the exit code. */
async function runProfiled(script: string, args: readonly string[], wishes: ProfileWishes): Promise<number> {
  const typescript = /\.[mc]?ts$/.test(script) && !process.execArgv.some((one) => one.includes("tsx"));
  const flags = [...process.execArgv, ...(typescript ? ["--import", "tsx"] : []), "--import", profiled];
  const child = spawn(process.execPath, [...flags, script, ...args], {
    stdio: "inherit",
    env: { ...process.env, [WISHES]: JSON.stringify(wishes) },
  });
  const [code] = (await once(child, "exit")) as [number | null];
  return code ?? 1;
}

/** Where this copy of the library is. */
export const here = (): string => fileURLToPath(new URL("..", import.meta.url));
