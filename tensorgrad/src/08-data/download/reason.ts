/** What the system's error codes mean to somebody who wants data. */
const MEANINGS: Readonly<Record<string, string>> = {
  ENOSPC: "no space left on the disk",
  EDQUOT: "the disk quota is used up",
  EACCES: "permission denied",
  EPERM: "operation not permitted",
  EROFS: "the file system is read-only",
  ENOTDIR: "a part of the path is no folder",
  EISDIR: "it is a folder",
};

/** Whether the disk refused. */
export const isStorageProblem = (error: unknown): boolean =>
  error instanceof Error && ((error as NodeJS.ErrnoException).code ?? "") in MEANINGS;

/** Why something failed. `fetch failed` says nothing; its cause (no such host, connection refused) does. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = (error as NodeJS.ErrnoException).code ?? "";
  if (MEANINGS[code]) return `${MEANINGS[code]}, ${code}`;
  return error.cause instanceof Error ? error.cause.message || String(error.cause) : error.message;
}
