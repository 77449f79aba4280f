import { useStyle } from "../lib/style.ts";
import { urlState } from "../lib/url-state.ts";
import { WorkerCalls } from "../lib/worker-calls.ts";
import { DESK, Desk } from "./desk.ts";
import { ProfileView, VIEW } from "./profile-view.ts";
import type { CompressionWork } from "./work.ts";

const style = `
.live .lines .dots circle { r: 4.5px; stroke: var(--panel); stroke-width: 1; }
.live .frame rect { fill: color-mix(in oklab, var(--orange) 30%, var(--panel)); }
.live .frame.depth1 rect { fill: color-mix(in oklab, var(--blue) 30%, var(--panel)); }
.live .frame text { font-size: 12px; pointer-events: none; }
.live .flame-place { margin: 0.6rem 0; } .live .roof-place { margin: 0.8rem 0; }
.live .sentences { margin: 0.4rem 0; padding-left: 1.2rem; font-size: 14px; line-height: 1.5; }
.live .scroll th, .live .scroll td { white-space: nowrap; }
`;

/** The digit network made smaller, and where its time goes. */
export function mount(root: HTMLElement): () => void {
  useStyle("compression", style);
  const page = urlState({ ...DESK, ...VIEW });
  const calls = new WorkerCalls<CompressionWork>(
    () => new Worker(new URL("./worker.js", import.meta.url), { type: "module" }),
  );
  const parts = [new Desk(root, page, calls), new ProfileView(root, page, calls)];
  return () => {
    for (const part of parts) part.end();
    calls.stop();
  };
}
