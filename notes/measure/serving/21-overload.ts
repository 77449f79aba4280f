import { median, quantile } from "tensorgrad/runtime";
import { flood } from "../../../tensorgrad/tests/21-serving/flood.fixture.ts";
import { contestant } from "../../lib/contestants.ts";
import { report } from "../../lib/measure.ts";

/** Note 21: ten times the load that a server can carry, for a minute. */

/** Megabytes that the server's process holds, as it says itself. */
async function residentMB(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^process_resident_memory_bytes (\S+)/m.exec(text)?.[1]) / 1e6;
}

/** A batch takes 20 ms however many rows it has. */
const OVERLOAD = { maxBatch: 1, maxWait: 0, maxQueue: 20, deadline: 1000 } as const;
const CARRIED = OVERLOAD.maxBatch / 0.02;

async function overload(seconds: number) {
  return contestant("echo", OVERLOAD, async (url) => {
    const perSecond = 10 * CARRIED;
    await flood(url, perSecond, 5); // memory settles
    const memory: number[] = [];
    const watch = setInterval(() => void residentMB(url).then((mb) => memory.push(mb)), 1000);
    const { sent, statuses, wrong, lost, withoutRetry, latencies, answered } = await flood(
      url,
      perSecond,
      seconds,
    );
    clearInterval(watch);
    const quarter = Math.floor(memory.length / 4);
    return {
      ...{
        seconds,
        carried: CARRIED,
        perSecond: sent / seconds,
        deadline: OVERLOAD.deadline,
      },
      ...{ sent, statuses, wrong, lost, withoutRetry },
      answeredPerSecond: (statuses[200] ?? 0) / seconds,
      slowest: latencies.at(-1),
      p50: quantile(answered, 0.5),
      p99: quantile(answered, 0.99),
      memory: {
        firstQuarterMB: median(memory.slice(0, quarter)),
        lastQuarterMB: median(memory.slice(-quarter)),
      },
    };
  });
}

report(await overload(60));
