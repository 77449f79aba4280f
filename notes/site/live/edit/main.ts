import { javascript } from "@codemirror/lang-javascript";
import { Prec } from "@codemirror/state";
import { EditorView, keymap } from "@codemirror/view";
import { basicSetup } from "codemirror";
import { element } from "../lib/elements.ts";
import { Stopped, WorkerCalls } from "../lib/worker-calls.ts";
import type { EditWork } from "./work.ts";

/** An editor for the code in `data-code`, with what the code prints below it. Each run has a worker of its own. */
export function mount(root: HTMLElement): () => void {
  const code = root.dataset.code ?? "";
  const calls = new WorkerCalls<EditWork>(
    () => new Worker(new URL("./worker.js", import.meta.url), { type: "module" }),
  );
  const output = element("pre", { class: "output", role: "log", "aria-label": "Output", tabindex: 0 });
  const status = element("span", { role: "status" });
  const print = (line: string, kind = "line"): void =>
    output.append(element("span", { class: kind }, `${line}\n`));

  const run = async (): Promise<void> => {
    calls.stop();
    output.replaceChildren();
    stop.disabled = false;
    status.textContent = "Runs …";
    try {
      await calls.call("run", view.state.doc.toString(), (line) => print(line));
      status.textContent = output.textContent === "" ? "Done. It printed nothing." : "Done.";
    } catch (error) {
      const isStopped = error instanceof Stopped;
      status.textContent = isStopped ? "Stopped." : "Failed.";
      if (!isStopped) print(error instanceof Error ? error.message : String(error), "fault");
    }
    if (calls.busy) return; // run again meanwhile
    calls.stop(); // the next run begins with fresh memory and seeds
    stop.disabled = true;
  };
  const begin = (): boolean => {
    void run();
    return true; // the editor need not look for another meaning of the key
  };
  const view = new EditorView({
    doc: code,
    parent: root,
    extensions: [
      Prec.highest(keymap.of([{ key: "Mod-Enter", run: begin }])),
      basicSetup,
      javascript({ typescript: true }),
      EditorView.contentAttributes.of({ "aria-label": "Program, in TypeScript" }),
    ],
  });
  const reset = (): void => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: code } });
  const button = (text: string, onclick: () => unknown, more = {}): HTMLButtonElement =>
    element("button", { type: "button", onclick, ...more }, text);
  const stop = button("Stop", () => calls.stop(), { disabled: true });
  const start = button("Run", begin, { title: "Ctrl+Enter" });
  root.append(element("div", { class: "controls" }, start, stop, button("Reset", reset), status), output);
  view.focus();
  return () => {
    calls.stop();
    view.destroy();
  };
}
