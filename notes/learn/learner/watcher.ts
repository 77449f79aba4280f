import { emitKeypressEvents } from "node:readline";
import type { Entry } from "../engine/catalogue.ts";
import { watchChanges } from "./changes.ts";
import type { Learn } from "./learn.ts";
import { giveWatch, takeWatch } from "./lock.ts";
import { gradientCheck, picture } from "./look.ts";
import { updateProgress } from "./progress.ts";
import { showTask, showVerdict } from "./show.ts";
import { colored, type Screen, wrapped } from "./text.ts";
import { diff, hint, list } from "./verbs.ts";

const help = "h hint · n next · l list · g gradients · v picture · d diff · r run · q quit";

/** Shows the current exercise and checks it again whenever a file is saved, until `q`. */
export class Watcher {
  readonly #learn: Learn;
  readonly #screen: Screen;
  #entry: Entry;
  #isRunning = false;
  #isWaiting = false;
  #hasPassed = false;
  #turn: Promise<void> = Promise.resolve();

  constructor(learn: Learn, screen: Screen) {
    this.#learn = learn;
    this.#screen = screen;
    this.#entry = learn.current();
  }

  /** Whether the exercise shown has passed. */
  get hasPassed(): boolean {
    return this.#hasPassed;
  }

  get entry(): Entry {
    return this.#entry;
  }

  /** Shows an exercise, and checks it if somebody has begun it. */
  async show(entry = this.#entry): Promise<void> {
    this.#entry = entry;
    this.#hasPassed = false;
    for (const change of this.#learn.ensure(entry)) this.#say(change);
    showTask(this.#screen, entry, this.#learn.entries.length);
    this.#screen.print("");
    await this.run();
  }

  /** Checks once more; what is saved while it runs is checked afterwards. */
  async run(): Promise<void> {
    if (this.#isRunning) {
      this.#isWaiting = true;
      return await this.#turn;
    }
    this.#isRunning = true;
    this.#turn = this.#check();
    await this.#turn;
  }

  async #check(): Promise<void> {
    try {
      do {
        this.#isWaiting = false;
        for (const change of this.#learn.ensure(this.#entry)) this.#say(change);
        const verdict = await this.#learn.check(this.#entry);
        showVerdict(this.#screen, this.#entry, verdict);
        this.#hasPassed = verdict.passed;
      } while (this.#isWaiting);
    } catch (error) {
      this.#say(String((error as Error).message)); // whatever a file holds, the watcher lives
    } finally {
      this.#isRunning = false;
    }
    this.#screen.print(colored(this.#screen, "dim", wrapped(help, this.#screen.width)));
  }

  /** Passed once and changed since: checked again without being asked. */
  async refresh(): Promise<void> {
    for (const entry of this.#learn.entries) {
      if (entry === this.#entry || this.#learn.standing(entry) !== "stale") continue;
      const { passed } = await this.#learn.check(entry);
      if (!passed)
        this.#say(
          `${entry.exercise.id} passed before this change; now it does not. npm run learn -- check ${entry.exercise.id}`,
        );
    }
  }

  /** Does what a key stands for; false for the one that ends it all. */
  async press(key: string): Promise<boolean> {
    const { id } = this.#entry.exercise;
    if (key === "q") return false;
    if (key === "h") hint(this.#learn, this.#screen, id);
    else if (key === "l") list(this.#learn, this.#screen);
    else if (key === "d") diff(this.#learn, this.#screen, id);
    else if (key === "g") await gradientCheck(this.#learn, this.#screen, this.#entry);
    else if (key === "v") await picture(this.#learn, this.#screen, this.#entry);
    else if (key === "r") await this.run();
    else if (key === "n") await this.#next();
    else this.#say(help);
    return true;
  }

  async #next(): Promise<void> {
    const entry = this.#learn.next(this.#entry.place);
    if (entry === null) return this.#say("All exercises have passed. npm run learn -- milestone list");
    updateProgress(this.#learn.workspace, () => ({ current: entry.exercise.id }));
    await this.show(entry);
  }

  #say(text: string): void {
    this.#screen.print(wrapped(text, this.#screen.width));
  }
}

/** The watcher until its end: 0 if the exercise shown has passed, 1 if not yet, 2 if another one watches. */
export async function watchExercises(
  learn: Learn,
  screen: Screen,
  input: NodeJS.ReadStream = process.stdin,
): Promise<0 | 1 | 2> {
  const other = takeWatch(learn.workspace);
  if (other !== null) {
    screen.print(
      wrapped(
        `Process ${other} watches this folder already: end it with q there, or use npm run learn -- check here.`,
        screen.width,
      ),
    );
    return 2;
  }
  const watcher = new Watcher(learn, screen);
  const keys = hearKeys(input); // before anything is shown: a key is never left to the terminal
  try {
    learn.runner.warm();
    await watcher.show();
    const changes = await watchChanges(learn.workspace.folder, () => {
      void watcher.run().then(() => watcher.refresh());
    });
    if (changes.isPolling)
      screen.print(
        wrapped("This file system reports no changes: it is asked three times a second.", screen.width),
      );
    for await (const key of keys.list) {
      try {
        if (!(await watcher.press(key))) break;
      } catch (error) {
        screen.print(wrapped((error as Error).message, screen.width));
      }
    }
    await changes.close();
  } finally {
    keys.end();
    giveWatch(learn.workspace);
  }
  return watcher.hasPassed ? 0 : 1;
}

interface Keys {
  readonly list: AsyncIterable<string>;
  /** Gives the terminal back as it was. */
  end(): void;
}

/** Keys as they are pressed, from now on; from a pipe, its characters. Ctrl-C and the end of the input are `q`. */
function hearKeys(input: NodeJS.ReadStream): Keys {
  if (!input.isTTY) return { list: charactersOf(input), end: () => {} };
  const pressed: string[] = [];
  let wake = (): void => {};
  const heard = (_: string, key: { name?: string; ctrl?: boolean }): void => {
    pressed.push(key.ctrl && (key.name === "c" || key.name === "d") ? "q" : (key.name ?? ""));
    wake();
  };
  emitKeypressEvents(input);
  input.setRawMode(true);
  input.on("keypress", heard);
  const list = async function* () {
    while (true) {
      if (pressed.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      yield pressed.shift() ?? "";
    }
  };
  const end = (): void => {
    input.off("keypress", heard);
    input.setRawMode(false);
    input.pause();
  };
  return { list: list(), end };
}

async function* charactersOf(input: NodeJS.ReadStream): AsyncGenerator<string> {
  for await (const chunk of input) for (const key of String(chunk).replace(/\s/g, "")) yield key;
}
