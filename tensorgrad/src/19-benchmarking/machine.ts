import { builtinModules } from "../00-runtime/index.ts";

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

/** This machine, as far as the runtime tells; a browser tells little. */
export function machine(threads: number): Machine {
  const os = builtinModules()?.("node:os");
  if (!os) {
    const { hardwareConcurrency: cores, userAgent } = navigator;
    return { cpu: "unknown", cores, memoryGB: 0, platform: userAgent, node: "none", threads };
  }
  const processors = os.cpus();
  return {
    cpu: processors[0]?.model.trim() ?? "unknown",
    cores: processors.length,
    memoryGB: Math.round(os.totalmem() / 2 ** 30),
    platform: `${os.platform()} ${os.arch()}`,
    node: process.version,
    threads,
  };
}
