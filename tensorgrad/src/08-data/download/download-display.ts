import { checked, showBytes } from "../../00-runtime/index.ts";
import { openBar } from "../../00-runtime/node.ts";
import type { DownloadProgress } from "./download.ts";

/** Options of `downloadDisplay`. */
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
export async function downloadDisplay(options: DownloadDisplayOptions = {}): Promise<DownloadDisplay> {
  const { stream = process.stderr } = checked("downloadDisplay", options, ["stream"]);
  const bar = await openBar(stream, "{name} {bar} {have} of {all} · {eta_formatted} left");
  const onDownload = ({ url, bytes, total }: DownloadProgress): void => {
    const [name, all] = [url.slice(url.lastIndexOf("/") + 1), showBytes(total)];
    if (bytes >= total) bar.finish(`${name}: ${all} downloaded`);
    else bar.show(bytes, total, { name, have: showBytes(bytes), all });
  };
  return { onDownload, [Symbol.dispose]: () => bar[Symbol.dispose]() };
}
