import { withBase } from "vitepress";

/** What `live/<name>/main.ts` exports. */
interface LivePart {
  /** Fills the element; if it returns a function, that is called when the page is left. */
  mount(root: HTMLElement): unknown;
}

const mounted = new Map<HTMLElement, { unmount: () => void }>();

/** Starts every `<div class="live" data-live="<name>">` of the page that is shown, and ends those of the page that was left. */
export function showLive(): void {
  for (const [root, part] of mounted) {
    if (root.isConnected) continue;
    mounted.delete(root);
    part.unmount();
  }
  for (const root of document.querySelectorAll<HTMLElement>(".live[data-live]"))
    if (!mounted.has(root)) void start(root, root.dataset.live ?? "");
}

async function start(root: HTMLElement, name: string): Promise<void> {
  const part = { unmount: () => {} };
  mounted.set(root, part);
  root.setAttribute("aria-busy", "true");
  try {
    const { mount } = (await import(/* @vite-ignore */ withBase(`/live/${name}/main.js`))) as LivePart;
    if (!root.isConnected) return;
    root.replaceChildren();
    const end = await mount(root);
    if (typeof end === "function") part.unmount = () => end();
    if (!root.isConnected) part.unmount();
  } catch (error) {
    console.error(error);
    root.textContent = `This part of the page could not be started: ${error instanceof Error ? error.message : error}`;
  } finally {
    root.removeAttribute("aria-busy");
  }
}
