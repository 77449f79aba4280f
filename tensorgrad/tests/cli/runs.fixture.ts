import { main } from "../../src/cli/main.ts";

export interface Answer {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** `tensorgrad runs <args> --folder <root>`: what it printed, and its exit code. */
export async function runsIn(root: string, ...args: string[]): Promise<Answer> {
  let [out, err] = ["", ""];
  const code = await main(
    ["runs", ...args, "--folder", root],
    (line) => {
      out += line;
    },
    (text) => {
      err += text;
    },
  );
  return { code, out, err: err.replaceAll(root, "…") };
}
