import { stylesheet } from "tensorgrad/plots";

/** The look of the other pages, and what a form needs beyond it. */
export function pageStyle(): string {
  return `${stylesheet()}
main { max-width: 46rem; padding-top: 3rem; }
header p { margin-bottom: 1.75rem; }
label, .buttons, .looking, select, input, button, textarea { font: 0.9rem/1.4 system-ui, sans-serif; }
label { display: block; color: var(--muted); margin-bottom: 0.3rem; }
output { color: var(--ink); font-variant-numeric: tabular-nums; }
textarea, input, select, button {
  color: var(--ink); background: var(--panel); border: 1px solid var(--line); border-radius: 8px; padding: 0.5rem 0.7rem;
}
textarea { display: block; width: 100%; resize: vertical; font: 0.95rem/1.5 ui-monospace, Menlo, Consolas, monospace; }
textarea[aria-invalid="true"] { border-color: var(--orange); }
input { width: 100%; }
input[type="range"] { padding: 0.55rem 0; accent-color: var(--blue); }
:focus-visible { outline: 2px solid var(--blue); outline-offset: 2px; }
#fault { color: var(--orange); font: 0.9rem/1.5 system-ui, sans-serif; margin: 0.4rem 0 0; }
#fault:empty { display: none; }
.settings { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 8.5rem), 1fr)); gap: 0.9rem 1.25rem; margin: 1.1rem 0; }
.buttons, .looking { display: flex; flex-wrap: wrap; align-items: center; gap: 0.6rem; }
button { cursor: pointer; padding: 0.55rem 1.1rem; }
button[type="submit"] { background: var(--blue); border-color: var(--blue); color: var(--paper); font-weight: 600; }
button:disabled { opacity: 0.45; cursor: default; }
#status { color: var(--muted); }
#text {
  margin: 1.75rem 0 1rem; padding: 1.1rem 1.2rem; min-height: 12rem; max-height: 32rem; overflow-y: auto; white-space: pre-wrap;
  overflow-wrap: anywhere; background: var(--panel); border: 1px solid var(--line); border-radius: 10px;
}
#text span { cursor: pointer; border-radius: 2px; background: color-mix(in oklab, var(--orange) calc(var(--weight, 0%) * 0.55), transparent); }
#text .given { color: var(--muted); }
#text .chosen { outline: 2px solid var(--blue); }
.looking label { margin: 0; }
#looked { font: 0.9rem/1.5 system-ui, sans-serif; margin: 0.6rem 0 0; min-height: 1.5em; }
`;
}
