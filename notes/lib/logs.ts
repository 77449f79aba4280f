import { readFileSync } from "node:fs";

/** What a program measured, from its committed log; `Result` is what that program reports. */
export function readLog<Result>(name: string): Result {
  const file = new URL(`../logs/${name}.json`, import.meta.url);
  return (JSON.parse(readFileSync(file, "utf8")) as { result: Result }).result;
}
