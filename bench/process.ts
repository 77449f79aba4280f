import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { blas } from "tensorgrad/runtime";
import type { Work } from "./cases.ts";
import type { Contender } from "./contenders.ts";

/** What a contender is asked, as one line of JSON. */
export interface Request {
  readonly id: number;
  readonly work: Work;
  readonly repeat: number;
  /** For how long to take samples. */
  readonly milliseconds: number;
}

/** What it says: once whether it takes part, then the seconds of one call, null where it has no such thing. */
export type Reply =
  | { readonly ready: string }
  | { readonly absent: string }
  | { readonly id: number; readonly seconds: number | null; readonly failure?: string };

/** A contender at work in its own process. Whatever goes wrong there makes it absent, with a reason. */
export class ContenderProcess {
  readonly name: string;
  /** What it says of itself, once `started` has resolved. */
  description = "";
  /** Why it takes no part, or no longer. */
  absent: string | null = null;
  /** Errors in single pieces of work, which leave the others alone. */
  readonly failures: string[] = [];
  #child: ChildProcess;
  #pending: ((reply: Reply | null) => void) | null = null;
  #complaints = "";
  #id = 0;

  constructor({ name, command, environment }: Contender) {
    this.name = name;
    const [program, ...args] = command;
    const env = { ...process.env, ...openblasCore(), ...environment };
    this.#child = spawn(program, args, { env, stdio: "pipe" });
    this.#child.on("error", (error) => this.#end(error.message));
    this.#child.on("exit", (code) => this.#end(this.#lastWords() || `ended with code ${code}`));
    this.#child.stdin?.on("error", () => {}); // of a process that has ended: its exit says why
    this.#child.stderr?.on("data", (text) => {
      this.#complaints = `${this.#complaints}${text}`.slice(-4000);
    });
    if (this.#child.stdout)
      createInterface({ input: this.#child.stdout }).on("line", (line) => this.#read(line));
  }

  /** Waits until it is ready, or known to be absent. */
  async start(milliseconds: number): Promise<this> {
    const reply = await this.#next(milliseconds);
    if (reply && "ready" in reply) this.description = reply.ready;
    return this;
  }

  /** The median seconds of one call in one round, or null. */
  async round(request: Omit<Request, "id">, limit: number): Promise<number | null> {
    if (this.absent !== null) return null;
    this.#id += 1;
    this.#child.stdin?.write(`${JSON.stringify({ ...request, id: this.#id })}\n`);
    const reply = await this.#next(limit);
    if (!reply || !("seconds" in reply) || reply.id !== this.#id) return null;
    if (reply.failure) this.failures.push(`${JSON.stringify(request.work)}: ${reply.failure}`);
    return reply.seconds;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null || !this.#child.pid) return;
    const exit = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exit;
  }

  /** Libraries print to standard output as well: only lines that are replies count. */
  #read(line: string): void {
    if (!/^\{"(ready|absent|id)":/.test(line)) return;
    const reply = JSON.parse(line) as Reply;
    if ("absent" in reply) this.#end(reply.absent);
    else this.#settle(reply);
  }

  #next(milliseconds: number): Promise<Reply | null> {
    if (this.absent !== null) return Promise.resolve(null);
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#end(`no answer within ${Math.round(milliseconds / 1000)} s`);
        this.#child.kill("SIGKILL");
      }, milliseconds);
      this.#pending = (reply) => {
        clearTimeout(timer);
        resolve(reply);
      };
    });
  }

  #end(reason: string): void {
    this.absent ??= reason;
    this.#settle(null);
  }

  #settle(reply: Reply | null): void {
    const pending = this.#pending;
    this.#pending = null;
    pending?.(reply);
  }

  /** The line that names the error, out of a stack trace of Node or Python. */
  #lastWords(): string {
    const lines = this.#complaints.split("\n").filter((line) => /^[\w.]*Error\b/.test(line));
    return lines.at(-1) ?? "";
  }
}

/**
 * The kernels of OpenBLAS for all contenders: a preset halves it, and one that does not know the processor takes those of an old
 * one. tensorgrad helps it there; the peers get the same help.
 */
function openblasCore(): { OPENBLAS_CORETYPE: string | undefined } {
  const { library } = blas();
  return { OPENBLAS_CORETYPE: library?.instead ? library.core : undefined };
}
