import { gridStyle } from "../lib/grid.ts";
import { useStyle } from "../lib/style.ts";
import { urlState } from "../lib/url-state.ts";
import { WorkerCalls } from "../lib/worker-calls.ts";
import { DigitReading, DRAWING } from "./reading.ts";
import { WALK, Windows } from "./windows.ts";
import type { ConvolutionWork } from "./work.ts";

const style = `
${gridStyle}
.live .walk .cell, .live .im2col .cell { height: 1.8rem; }
.live .walk .matrices { gap: 0.75rem 1rem; }
.live .im2col { display: grid; grid-template-columns: minmax(0, 1fr); gap: 0.75rem; }
.live .im2col .matrix { max-width: none; overflow: visible; }
.live .im2col > .matrix { overflow-x: auto; max-width: 100%; }
.live .im2col .scroll { display: grid; gap: 0.75rem; padding: 2px; }
.live .windows .control:not(.choice) { flex-basis: 8rem; }
.live .live-figure .quiet { font-size: 13.5px; }
.live .pad { cursor: crosshair; touch-action: none; max-width: 240px; aspect-ratio: 1; }
.live .pad canvas { border: 1px solid var(--line); border-radius: 8px; background: var(--paper); }
.live .seen canvas { border: 1px solid var(--line); }
.live .digit .side { grid-template-columns: 240px 150px minmax(0, 1fr); }
.live .bars th, .live .bars td { padding: 1px 6px 1px 0; border: 0; }
.live .bars th { width: 1.2rem; } .live .bars .number { width: 4.2rem; white-space: nowrap; }
.live .bars .bar { height: 0.8rem; min-width: 1px; border-radius: 3px; background: var(--blue); }
.live .bars .best { font-weight: 600; } .live .bars .best .bar { background: var(--orange); }
.live .maps { display: grid; grid-template-columns: repeat(auto-fill, minmax(64px, 1fr)); gap: 0.9rem 0.6rem; margin-bottom: 1rem; }
.live .maps canvas { border: 1px solid var(--line); } .live .filters .picture + .picture { margin-top: 0.35rem; }
@media (max-width: 719px) { .live .digit .side { grid-template-columns: minmax(0, 1fr); } .live .seen { display: none; } }
`;

/** A convolution on a few numbers, as a product of matrices, and in a network that reads digits. */
export function mount(root: HTMLElement): () => void {
  useStyle("convolution", style);
  const page = urlState({ ...WALK, ...DRAWING });
  const calls = new WorkerCalls<ConvolutionWork>(
    () => new Worker(new URL("./worker.js", import.meta.url), { type: "module" }),
  );
  new Windows(root, page, calls);
  const reading = new DigitReading(root, page, calls);
  return () => {
    reading.end();
    calls.stop();
  };
}
