import { element, labelled } from "../lib/elements.ts";
import { shown } from "../lib/numbers.ts";
import { threadsNote } from "../lib/threads.ts";
import { urlState } from "../lib/url-state.ts";
import { Stopped, WorkerCalls } from "../lib/worker-calls.ts";
import type { MachineWork } from "./work.ts";

const SIZES = [64, 128, 256, 512];

/** What this browser gives the library, and how fast it multiplies. */
export function mount(root: HTMLElement): () => void {
  const calls = new WorkerCalls<MachineWork>(
    () => new Worker(new URL("./worker.js", import.meta.url), { type: "module" }),
  );
  const state = urlState({ size: 256 });
  const machine = element("p", { class: "machine" }, "Looking …");
  const result = element("output", {}, "");
  const fault = element("p", { class: "fault", role: "alert" });
  const complain = (error: unknown): void => {
    if (!(error instanceof Stopped))
      fault.textContent = error instanceof Error ? error.message : String(error);
  };
  const size = element(
    "select",
    { onchange: () => state.set({ size: Number(size.value) }) },
    ...SIZES.map((n) => element("option", { value: n, selected: n === state.value.size }, `${n} × ${n}`)),
  );
  const say = (best: number): void => {
    result.textContent = `${shown(best, 3)} billion operations a second`;
  };
  const look = async (): Promise<void> => {
    const { level, threads } = await calls.call("look", null);
    machine.textContent = `Kernels: ${level}. Threads: ${threads} of ${navigator.hardwareConcurrency} cores.`;
  };
  const run = async (): Promise<void> => {
    fault.textContent = "";
    start.disabled = true;
    stop.disabled = false;
    try {
      say(await calls.call("multiply", { size: Number(size.value), seconds: 3 }, say));
      await look();
    } catch (error) {
      complain(error);
    } finally {
      start.disabled = false;
      stop.disabled = true;
    }
  };
  const start = element("button", { type: "button", onclick: run }, "Multiply for 3 s");
  const stop = element("button", { type: "button", disabled: true, onclick: () => calls.stop() }, "Stop");
  const controls = element("div", { class: "controls" }, labelled("Matrices", size), start, stop, result);
  root.append(...[machine, threadsNote(), controls, fault].filter((part) => part !== null));
  look().catch(complain);
  return () => calls.stop();
}
