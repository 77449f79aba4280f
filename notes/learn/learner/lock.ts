import type { Workspace } from "./workspace.ts";

const file = ".learn/watcher.json";

/** Two watchers would run everything twice, and take turns in writing. Returns the process that watches already, or null if it is this one now. */
export function takeWatch(workspace: Workspace): number | null {
  const other = holder(workspace);
  if (other !== null && other !== process.pid && isAlive(other)) return other;
  workspace.write(file, JSON.stringify({ pid: process.pid }));
  return null;
}

export function giveWatch(workspace: Workspace): void {
  if (holder(workspace) === process.pid) workspace.write(file, JSON.stringify({ pid: null }));
}

function holder(workspace: Workspace): number | null {
  try {
    return (JSON.parse(workspace.read(file) ?? "{}") as { pid?: number | null }).pid ?? null;
  } catch {
    return null; // half a file: nobody's
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"; // another user's
  }
}
