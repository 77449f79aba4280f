import { checked } from "../00-runtime/index.ts";
import { type Bar, openBar } from "../00-runtime/node.ts";
import type { Progress } from "./progress.ts";

/** Options of `progressDisplay`. */
export interface DisplayOptions {
  /** Where to write: a bar if it is a terminal, plain lines if not. */
  readonly stream?: NodeJS.WriteStream;
  /** Seconds between plain lines within a pass. */
  readonly every?: number;
}

/** Shows the progress of a trainer; `using` it takes the bar away also when training throws. */
export interface Display extends Disposable {
  readonly onProgress: (progress: Progress) => void;
}

/**
 * A progress display for the command line (Node only).
 *
 *   using display = await progressDisplay();
 *   const trainer = new Trainer({ …, onProgress: display.onProgress });
 *
 * On a terminal a bar with steps, loss, rate and time left; elsewhere (and where the number of steps is unknown) a line when a pass ends, and now and then one
 * during a long pass. Either way one line per pass remains.
 */
export async function progressDisplay(options: DisplayOptions = {}): Promise<Display> {
  const { stream = process.stdout, every = 10 } = checked("progressDisplay", options, ["stream", "every"]);
  const bar = await openBar(stream, "{title} {bar} {value}/{total} · loss {loss} · {rate}/s · {left} left");
  let shown = 0; // seconds into the pass at the last plain line
  const onProgress = (progress: Progress): void => {
    if (progress.done) {
      shown = 0;
      bar.finish(describe(progress));
    } else if (bar.isDrawn && progress.totalSteps !== null) {
      advance(bar, progress, progress.totalSteps);
    } else if (progress.seconds - shown >= every) {
      shown = progress.seconds;
      stream.write(`${describe(progress)}, step ${progress.steps}${ofTotal(progress)}\n`);
    }
  };
  return { onProgress, [Symbol.dispose]: () => bar[Symbol.dispose]() };
}

function advance(bar: Bar, progress: Progress, total: number): void {
  const { steps, loss, examples, seconds } = progress;
  const left = duration((seconds / steps) * (total - steps));
  const rate = Math.round(examples / seconds);
  bar.show(steps, total, { title: title(progress), loss: loss.toFixed(4), rate, left });
}

/** 59.4 → "59 s", 754 → "12 min 34 s", 5,000 → "1 h 23 min" */
function duration(seconds: number): string {
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${whole % 60} s` : `${whole} s`;
}

function describe(progress: Progress): string {
  const { loss, metrics, seconds } = progress;
  const measured = Object.entries(metrics).map(([name, value]) => `, ${name} ${value.toFixed(4)}`);
  return `${title(progress)}  loss ${loss.toFixed(4)}${measured.join("")}, ${seconds.toFixed(1)} s`;
}

const title = ({ epoch, epochs, phase }: Progress): string => `epoch ${epoch}/${epochs} ${phase.padEnd(8)}`;

const ofTotal = ({ totalSteps }: Progress): string => (totalSteps === null ? "" : ` of ${totalSteps}`);
