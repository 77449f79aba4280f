import { element } from "./elements.ts";

/**
 * Says that the page has one thread, with a button that gets it all: a service worker adds the headers which a static host lacks, and
 * the page is loaded again. `null` where threads are possible already.
 */
export function threadsNote(): HTMLElement | null {
  if (globalThis.crossOriginIsolated) return null;
  const say = (text: string): HTMLElement => element("p", { class: "threads" }, text);
  if (!("serviceWorker" in navigator))
    return say("One thread: this page may not share memory, and this browser cannot change that.");
  const note = say("One thread: this page may not share memory yet. ");
  note.append(element("button", { type: "button", onclick: allow }, "Use all cores"));
  return note;
}

/** The service worker stands at the site's root, above the bundles. It answers for pages that are loaded after it took over. */
async function allow(): Promise<void> {
  const { serviceWorker } = navigator;
  await serviceWorker.register(new URL("../coi-serviceworker.js", folderOfBundles()));
  if (!serviceWorker.controller)
    await new Promise((resolve) =>
      serviceWorker.addEventListener("controllerchange", resolve, { once: true }),
    );
  location.reload();
}

/** `…/live/`: shared code may stand in a chunk below it. */
const folderOfBundles = (): string => import.meta.url.replace(/(\/live\/).*$/, "$1");
