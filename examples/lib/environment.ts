import { availableParallelism, cpus, release, totalmem, type } from "node:os";

/** Where and when something was measured, as rows of name and value. */
export function environment(now = new Date()): [name: string, value: string][] {
  return [
    ["date", `${now.toISOString().slice(0, 16).replace("T", " ")} UTC`],
    ["node", `${process.version}, V8 ${process.versions.v8}`],
    ["processor", `${cpus()[0]?.model.trim() ?? "unknown"}, ${availableParallelism()} threads available`],
    ["memory", `${Math.round(totalmem() / 2 ** 30)} GiB`],
    ["system", `${type()} ${release()}, ${process.arch}`],
  ];
}
