import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { root } from "../engine/catalogue.ts";

/** Passes keys on to a program in a terminal of its own, and what it writes back. Ends with the program's exit code. */
const RELAY = `
import fcntl, os, pty, select, struct, sys, termios
columns = int(sys.argv[1])
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[2], sys.argv[2:])
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 30, columns, 0, 0))
inputs = [terminal, 0]
while True:
    ready, _, _ = select.select(inputs, [], [])
    if 0 in ready:
        keys = os.read(0, 1024)
        if keys: os.write(terminal, keys)
        else: inputs = [terminal]
    if terminal in ready:
        try: text = os.read(terminal, 65536)
        except OSError: break
        if not text: break
        os.write(1, text)
_, status = os.waitpid(pid, 0)
sys.exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 100 + os.WTERMSIG(status))
`;

/** Whether python3 can make a terminal here; on Windows it cannot. */
export const hasTerminals: boolean = spawnSync("python3", ["-c", "import fcntl, pty, termios"]).status === 0;

/** A program in a real terminal. */
export class Terminal implements AsyncDisposable {
  /** All that was written, without colours. */
  text = "";
  readonly #child: ChildProcessWithoutNullStreams;

  constructor(args: readonly string[], { columns, env }: { readonly columns: number; readonly env: object }) {
    const command = [String(columns), process.execPath, "--import", "tsx", ...args];
    this.#child = spawn("python3", ["-c", RELAY, ...command], { cwd: root, env: { ...process.env, ...env } });
    this.#child.stdout.on("data", (part) => {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are made of them
      this.text += String(part).replace(/\u001b\[[\d;?]*[a-zA-Z]/g, "");
    });
  }

  /** Presses keys, and waits until what is looked for has been written since. */
  async press(keys: string, due: RegExp, seconds = 60): Promise<string> {
    const before = this.text.length;
    this.#child.stdin.write(keys);
    return this.wait(due, before, seconds);
  }

  async wait(due: RegExp, from = 0, seconds = 60): Promise<string> {
    const end = Date.now() + seconds * 1000;
    for (; !due.test(this.text.slice(from)); await sleep(50))
      if (Date.now() > end || this.#child.exitCode !== null)
        throw new Error(`${due} has not come; the terminal shows:\n${this.text.slice(from)}`);
    return this.text.slice(from);
  }

  /** Presses keys that end the program; its exit code. */
  async end(keys: string): Promise<number | null> {
    this.#child.stdin.write(keys);
    const [code] = (await once(this.#child, "exit")) as [number | null];
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null) this.#child.kill();
  }
}
