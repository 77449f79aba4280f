import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** Where Chromium, or a browser built on it, is; null if nowhere. */
export function findChromium(): string | null {
  const names = ["chromium", "chromium-browser", "google-chrome", "chrome", "msedge"];
  const installed = [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
  ];
  const inPath = (process.env.PATH ?? "").split(delimiter).flatMap((dir) => names.map((n) => join(dir, n)));
  const candidates = process.env.CHROMIUM ? [process.env.CHROMIUM] : [...inPath, ...installed];
  return candidates.find(canRun) ?? null;
}

function canRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
