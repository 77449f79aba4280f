import { arch, cpus, platform, totalmem } from "node:os";

/** What a figure depends on. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGB: number;
  readonly platform: string;
  readonly node: string;
  /** Of the configuration with several threads; all others have one. */
  readonly threads: number;
}

export function machine(threads: number): Machine {
  const processors = cpus();
  return {
    cpu: processors[0]?.model.trim() ?? "unknown",
    cores: processors.length,
    memoryGB: Math.round(totalmem() / 2 ** 30),
    platform: `${platform()} ${arch()}`,
    node: process.version,
    threads,
  };
}
