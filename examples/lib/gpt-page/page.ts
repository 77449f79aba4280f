import { type Answer, type EmbeddedModel, faultOf, type Question, type Wish } from "./messages.ts";
import { Reader } from "./reader.ts";

// Runs in the page: what is typed goes to the worker, what comes back is shown.

const byId = <E extends HTMLElement>(id: string): E => document.getElementById(id) as E;
const model = JSON.parse(byId("model").textContent ?? "") as EmbeddedModel;
const source = new Blob([byId("worker").textContent ?? ""], { type: "text/javascript" });
const worker = new Worker(URL.createObjectURL(source));
const ask = (question: Question): void => worker.postMessage(question);

const form = byId<HTMLFormElement>("wish");
const [prompt, temperature, topK] = ["prompt", "temperature", "topK"].map((id) => byId<HTMLInputElement>(id));
const [length, seed] = ["length", "seed"].map((id) => byId<HTMLInputElement>(id));
const [generate, stop] = ["generate", "stop"].map((id) => byId<HTMLButtonElement>(id));
const [fault, status] = [byId("fault"), byId("status")];
const reader = new Reader((text) => ask({ kind: "look", text }));

let written = 0;

function wish(): Wish {
  return {
    prompt: prompt.value,
    length: length.valueAsNumber,
    temperature: temperature.valueAsNumber,
    topK: topK.value === "" ? null : topK.valueAsNumber,
    seed: seed.valueAsNumber,
  };
}

/** "busy" while the model writes; scripts and styles may read it from the form. */
function setState(state: "opening" | "idle" | "busy"): void {
  form.dataset.state = state;
  generate.disabled = state !== "idle";
  stop.disabled = state !== "busy";
}

function complain(message: string | null): void {
  fault.textContent = message ?? "";
  prompt.setAttribute("aria-invalid", String(message !== null));
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (form.dataset.state !== "idle") return;
  const asked = wish();
  const wrong = faultOf(asked.prompt, model.alphabet);
  complain(wrong);
  if (wrong !== null) {
    prompt.focus();
    return;
  }
  written = 0;
  reader.begin(asked.prompt);
  setState("busy");
  status.textContent = "Writing …";
  ask({ kind: "write", wish: asked });
});

stop.addEventListener("click", () => ask({ kind: "stop" }));
temperature.addEventListener("input", () => {
  byId("shown").textContent = temperature.valueAsNumber.toFixed(2);
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") ask({ kind: "stop" });
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
});

worker.onmessage = ({ data }: MessageEvent<Answer>) => {
  if (data.kind === "ready") {
    status.textContent = "Ready. Ctrl + Enter writes, Escape stops.";
    setState("idle");
  } else if (data.kind === "piece") {
    written++;
    reader.add(data.text);
  } else if (data.kind === "end") {
    const rate = Math.round(written / data.seconds);
    status.textContent = `${data.stopped ? "Stopped after" : "Wrote"} ${written} characters, ${rate} a second.`;
    setState("idle");
    reader.end();
  } else if (data.kind === "seen") {
    reader.show(data.text, data.weights);
  } else {
    complain(data.message);
    status.textContent = "";
    setState("idle");
  }
};
worker.onerror = ({ message }) => complain(`The model could not be started: ${message}`);

setState("opening");
ask({ kind: "open", model });
