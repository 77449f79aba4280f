import type { SingleBar } from "cli-progress";

/** Shows how far something is: a bar on a terminal, nothing elsewhere, and in both cases a line when it is done. */
export interface Bar extends Disposable {
  /** Whether there is a terminal to draw on. */
  readonly isDrawn: boolean;
  /** Draws the bar; what the format names comes from `payload`. */
  show(value: number, total: number, payload: Readonly<Record<string, string | number>>): void;
  /** Leaves a line where the bar was. */
  finish(line: string): void;
}

/** `format` is a line with `{bar}` and names in braces: `{title} {bar} {value}/{total}`. */
export async function openBar(stream: NodeJS.WriteStream, format: string): Promise<Bar> {
  const bar = stream.isTTY ? await drawnOn(stream, format) : null;
  return {
    isDrawn: bar !== null,
    show: (value, total, payload) => {
      if (bar && !bar.isActive) bar.start(total, 0, payload);
      bar?.update(value, payload);
    },
    finish: (line) => {
      bar?.stop();
      stream.write(`${line}\n`);
    },
    [Symbol.dispose]: () => bar?.stop(),
  };
}

/** Loaded only where there is a terminal. */
async function drawnOn(stream: NodeJS.WriteStream, format: string): Promise<SingleBar> {
  const { default: cliProgress } = await import("cli-progress");
  return new cliProgress.SingleBar({
    ...{ stream, format, barCompleteChar: "█", barIncompleteChar: "░", barsize: 30 },
    clearOnComplete: true,
    stopOnComplete: false,
  });
}
