import type { Callable } from "./worker.ts";

/** Chains in the table at most. The ticket has 16 bits for their number. */
const CHAINS = 4096;
/** Numbers in the table at most: 512 KiB. */
const WORDS = 65_536;

/**
 * Calls that are about to be made, for all threads to see. A chain is what one thread makes in order: often a single call.
 *
 * Chain number i occupies `words` from `starts[i]` to `starts[i + 1]`; a call in it is a kernel's number, the number of its
 * arguments, and the arguments.
 */
export class CallTable {
  readonly words = new Float64Array(new SharedArrayBuffer(8 * WORDS));
  readonly starts = new Int32Array(new SharedArrayBuffer(4 * (CHAINS + 1)));
  /** How many chains there are. */
  count = 0;
  #end = 0;
  // The same calls as this thread makes them.
  #chains: { call: Callable; args: readonly number[] }[][] = [];

  /** Whether one more call with so many arguments finds room. */
  fits(args: number): boolean {
    return this.count < CHAINS && this.#end + 2 + args <= WORDS;
  }

  /** Puts a call at the end; it `follows` the one before, or begins a chain of its own. */
  add(number: number, call: Callable, args: readonly number[], follows: boolean): void {
    if (follows && this.count > 0) this.#chains[this.count - 1].push({ call, args });
    else {
      this.#chains[this.count] = [{ call, args }];
      this.count++;
    }
    this.words[this.#end] = number;
    this.words[this.#end + 1] = args.length;
    for (let i = 0; i < args.length; i++) this.words[this.#end + 2 + i] = args[i];
    this.#end += 2 + args.length;
    this.starts[this.count] = this.#end;
  }

  /** Takes the chains out, as functions: what is put in from here on is no part of them. */
  take(): (() => void)[] {
    const chains = this.#chains;
    this.clear();
    return chains.map((chain) => () => {
      for (const { call, args } of chain) call(...args);
    });
  }

  clear(): void {
    this.#chains = [];
    this.#end = this.count = 0;
  }
}
