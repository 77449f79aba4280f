import { showBytes } from "../../00-runtime/index.ts";
import type { DownloadProgress } from "./download.ts";

export interface DownloadDisplayOptions {
  /** Where to write: a bar if it is a terminal, one line per file if not. */
  readonly stream?: NodeJS.WriteStream;
}

/** Shows downloads; `using` it takes the bar away also when one fails. */
export interface DownloadDisplay extends Disposable {
  readonly onDownload: (progress: DownloadProgress) => void;
}

/**
 * A progress display for the command line (Node only).
 *
 *   using display = await downloadDisplay();
 *   const train = await CIFAR10.load({ onDownload: display.onDownload });
 */
export async function downloadDisplay({
  stream = process.stderr,
}: DownloadDisplayOptions = {}): Promise<DownloadDisplay> {
  const bar = stream.isTTY ? await makeBar(stream) : null;
  const onDownload = ({ url, bytes, total }: DownloadProgress): void => {
    const payload = {
      name: url.slice(url.lastIndexOf("/") + 1),
      have: showBytes(bytes),
      all: showBytes(total),
    };
    if (bytes >= total) {
      bar?.stop();
      stream.write(`${payload.name}: ${payload.all} downloaded\n`);
    } else if (bar) {
      if (!bar.isActive) bar.start(total, bytes, payload);
      bar.update(bytes, payload);
    }
  };
  return { onDownload, [Symbol.dispose]: () => bar?.stop() };
}

/** Loaded only where there is a terminal to draw on. */
async function makeBar(stream: NodeJS.WriteStream) {
  const { default: cliProgress } = await import("cli-progress");
  return new cliProgress.SingleBar({
    stream,
    format: "{name} {bar} {have} of {all} · {eta_formatted} left",
    barCompleteChar: "█",
    barIncompleteChar: "░",
    barsize: 30,
    clearOnComplete: true,
    stopOnComplete: false,
  });
}
