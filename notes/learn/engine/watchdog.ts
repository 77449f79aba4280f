/**
 * The second thread of the process that checks: every 50 ms it reads clock and memory. Where the main thread exceeds one of them, it is
 * halted through the inspector, asked where it is, and ended.
 */
import { writeSync } from "node:fs";
import { type Debugger, Session } from "node:inspector";
import { parentPort, workerData } from "node:worker_threads";
import type { Frame, Job, Report } from "./wire.ts";

const turn = new Int32Array(workerData as SharedArrayBuffer);
/** How long a halted thread may take to say where it is: a single call of Node's own cannot be halted. */
const patience = 700;
/** Of waiting there is less to be said than of computing: the clock may run longer than the processor. */
const slack = 1.7;

const tick = 50;

let job: Job | null = null;
/** Ticks since the job began: a machine that slept has not kept the thread waiting. */
let ticks = 0;
let beganCpu = 0;
let beganRss = 0;
let stopping = false;

parentPort!.on("message", (given: Job) => {
  job = given;
  ticks = 0;
  beganCpu = cpu();
  beganRss = process.memoryUsage.rss();
});
parentPort!.postMessage("ready");

setInterval(() => {
  if (!job || stopping || Atomics.load(turn, 0) === 0) return;
  const computed = cpu() - beganCpu;
  const waited = (++ticks * tick) / 1000;
  if (process.memoryUsage.rss() - beganRss > job.bytes) stop("memory");
  else if (computed > job.seconds || waited > job.seconds * slack) stop("time");
}, tick);

/** Seconds of computing, of all threads. */
function cpu(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function stop(kind: "time" | "memory"): void {
  stopping = true;
  const say = (frames: readonly Frame[]): void => {
    const report: Report = { kind, frames };
    writeSync(3, `${JSON.stringify(report)}\n`);
    process.kill(process.pid, "SIGKILL");
  };
  const session = new Session();
  session.connectToMainThread();
  session.on("Debugger.paused", ({ params }) => say(params.callFrames.map(frame)));
  session.post("Debugger.enable");
  session.post("Debugger.pause");
  setTimeout(() => say([]), patience);
}

const frame = ({ functionName, location }: Debugger.CallFrame): Frame => ({
  name: functionName,
  line: location.lineNumber + 1,
  column: (location.columnNumber ?? 0) + 1,
});
