/**
 * Work that a page gives to its worker, one piece at a time. `Stop` ends the worker, whatever it does, and the next call starts
 * another: so an endless loop can be stopped, too.
 *
 *   const calls = new WorkerCalls<Work>(() => new Worker(new URL("./worker.js", import.meta.url), { type: "module" }));
 *   const loss = await calls.call("train", { epochs: 10 }, (loss) => draw(loss));
 */
export type Work = Readonly<
  Record<string, { readonly input: unknown; readonly output: unknown; readonly progress: unknown }>
>;

interface Question {
  readonly id: number;
  readonly name: string;
  readonly input: unknown;
}

type Answer =
  | { readonly id: 0; readonly kind: "ready" }
  | { readonly id: number; readonly kind: "progress"; readonly value: unknown }
  | { readonly id: number; readonly kind: "output"; readonly value: unknown }
  | { readonly id: number; readonly kind: "fault"; readonly message: string };

/** What a call that was stopped throws. */
export class Stopped extends Error {
  override readonly name = "Stopped";
}

interface Waiting {
  readonly question: Question;
  readonly progress: (value: never) => void;
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
}

export class WorkerCalls<W extends Work> {
  private worker: Worker | null = null;
  /** Whether it listens: what is sent while it still loads its kernels would be lost. */
  private listens = false;
  private readonly waiting = new Map<number, Waiting>();
  private last = 0;
  private readonly start: () => Worker;

  constructor(start: () => Worker) {
    this.start = start;
  }

  /** Resolves with what the worker returns; rejects with what it throws, or with `Stopped`. */
  call<K extends keyof W & string>(
    name: K,
    input: W[K]["input"],
    progress: (value: W[K]["progress"]) => void = () => {},
  ): Promise<W[K]["output"]> {
    this.worker ??= this.started();
    const id = ++this.last;
    return new Promise<W[K]["output"]>((resolve, reject) => {
      const question = { id, name, input };
      this.waiting.set(id, { question, progress, resolve, reject });
      if (this.listens) this.worker?.postMessage(question);
    });
  }

  get busy(): boolean {
    return this.waiting.size > 0;
  }

  /** Ends all that is under way. */
  stop(): void {
    this.end(new Stopped("stopped"));
  }

  private started(): Worker {
    const worker = this.start();
    worker.addEventListener("message", ({ data }: MessageEvent<Answer>) => this.take(data));
    worker.addEventListener("error", (event) =>
      this.end(new Error(event.message || "the worker could not be started")),
    );
    return worker;
  }

  private take(answer: Answer): void {
    if (answer.kind === "ready") {
      this.listens = true;
      for (const { question } of this.waiting.values()) this.worker?.postMessage(question);
      return;
    }
    const call = this.waiting.get(answer.id);
    if (!call) return;
    if (answer.kind === "progress") {
      call.progress(answer.value as never);
      return;
    }
    this.waiting.delete(answer.id);
    if (answer.kind === "fault") call.reject(new Error(answer.message));
    else call.resolve(answer.value as never);
  }

  private end(error: Error): void {
    this.worker?.terminate();
    this.worker = null;
    this.listens = false;
    const calls = [...this.waiting.values()];
    this.waiting.clear();
    for (const { reject } of calls) reject(error);
  }
}

/** What a worker can do, by name. `report` sends progress to the page at once. */
export type Answers<W extends Work> = {
  readonly [K in keyof W]: (
    input: W[K]["input"],
    report: (value: W[K]["progress"]) => void,
  ) => W[K]["output"] | Promise<W[K]["output"]>;
};

/** For `worker.ts`: takes calls one after the other, in their order. */
export function answerCalls<W extends Work>(answers: Answers<W>): void {
  let turn: Promise<void> = Promise.resolve();
  const send = (answer: Answer): void => postMessage(answer);
  addEventListener("message", ({ data: { id, name, input } }: MessageEvent<Question>) => {
    turn = turn.then(async () => {
      try {
        const report = (value: unknown): void => send({ id, kind: "progress", value });
        send({ id, kind: "output", value: await answers[name](input, report) });
      } catch (error) {
        send({ id, kind: "fault", message: error instanceof Error ? error.message : String(error) });
      }
    });
  });
  send({ id: 0, kind: "ready" });
}
