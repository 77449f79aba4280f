import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { WORKLOADS, type Workload } from "./cases.ts";

export interface Options {
  /** The measures of the project only, in less than 50 s. */
  readonly quick: boolean;
  /** The last line is one JSON object. */
  readonly json: boolean;
  /** Installs what to compare with, then ends. */
  readonly installPeers: boolean;
  /** Of the configuration with several threads. */
  readonly threads: number;
  /** Cases whose name contains this. */
  readonly filter: string;
  /** Workloads, such as gemm and cnn; all if there are none. */
  readonly only: readonly Workload[];
  /** Names of contenders; all if there are none. */
  readonly contenders: readonly string[];
  readonly rounds: number;
  /** A revision to compare this one with, instead of all else; and how. */
  readonly against: string | null;
  readonly blas: boolean;
  readonly log: string | null;
  /** For a full run; when they get short, cases make do with fewer rounds. */
  readonly minutes: number;
}

export const USAGE = `usage: npm run bench -- [flags]
       npm run bench -- compare BASE.json NOW.json [--any-machine] [--allowed R]   exit code 1 if NOW is slower
  --quick          the measures of the project only, in less than 50 s
  --json           ends with one line of JSON
  --filter TEXT    only cases whose name contains TEXT, such as "gemm 512"
  --only WORKLOADS only these of ${WORKLOADS.join(", ")}; one alone ends within 60 s in a quick run
  --contenders NAMES
                   only these contenders, such as naive,simd1
  --rounds N       interleaved rounds per case (default 7; 5 in a quick run)
  --minutes N      of a full run (default 10): cases make do with fewer rounds when they get short
  --threads N      threads of the configuration with several (default: all cores; 2 in a quick run)
  --against REV    only this: is the checkout as fast as git's revision REV? (21 rounds, 1 thread) Exit code 1 if a case is slower
  --blas, --log FILE  with --against: with the system's BLAS; where to write the result
  --install-peers  installs what to compare with into bench/peers, then ends`;

const flags = {
  quick: { type: "boolean" },
  json: { type: "boolean" },
  "install-peers": { type: "boolean" },
  filter: { type: "string" },
  only: { type: "string" },
  contenders: { type: "string" },
  rounds: { type: "string" },
  minutes: { type: "string" },
  threads: { type: "string" },
  against: { type: "string" },
  blas: { type: "boolean" },
  log: { type: "string" },
} as const;

/**
 * Reads the command line.
 *
 * Throws    TypeError for an unknown flag or a flag without its value, RangeError for a number out of range
 */
export function readArguments(args: readonly string[]): Options {
  const { values, tokens } = parseArgs({ args: [...args], options: flags, strict: false, tokens: true });
  for (const token of tokens) {
    if (token.kind === "positional") throw complaint(`"${token.value}"`, "only flags are understood");
    if (token.kind === "option" && !Object.hasOwn(flags, token.name))
      throw complaint(token.rawName, "unknown flag");
    if (token.kind === "option") checkValue(token.name as keyof typeof flags, token.value);
  }
  const quick = values.quick === true;
  const { against } = values;
  const threads = against === undefined ? (quick ? 2 : availableParallelism()) : 1;
  return {
    quick,
    json: values.json === true,
    installPeers: values["install-peers"] === true,
    filter: String(values.filter ?? ""),
    only: list(values.only).map(workload),
    contenders: list(values.contenders),
    against: against === undefined ? null : String(against),
    blas: values.blas === true,
    log: values.log === undefined ? null : String(values.log),
    rounds: count("rounds", values.rounds, against === undefined ? (quick ? 5 : 7) : 21),
    minutes: count("minutes", values.minutes, 10),
    threads: count("threads", values.threads, threads),
  };
}

const list = (value: string | boolean | undefined): string[] =>
  String(value ?? "")
    .split(",")
    .filter(Boolean);

function workload(name: string): Workload {
  const found = WORKLOADS.find((one) => one === name);
  if (found) return found;
  throw new RangeError(
    `bench: --only ${name} — workloads are ${WORKLOADS.join(", ")}; contenders are chosen by --contenders`,
  );
}

function checkValue(name: keyof typeof flags, value: string | undefined): void {
  const wanted = flags[name].type === "string";
  if (wanted && value === undefined) throw complaint(`--${name}`, "needs a value");
  if (!wanted && value !== undefined) throw complaint(`--${name}=${value}`, "takes no value");
}

function count(name: string, value: string | boolean | undefined, otherwise: number): number {
  if (value === undefined) return otherwise;
  const number = Number(value);
  if (Number.isInteger(number) && number >= 1 && number <= 1000) return number;
  throw new RangeError(`bench: --${name} ${value} — must be a whole number from 1 to 1000`);
}

const complaint = (given: string, rule: string): TypeError =>
  new TypeError(
    `bench: ${given} — ${rule}; flags are ${Object.keys(flags)
      .map((name) => `--${name}`)
      .join(", ")}`,
  );
