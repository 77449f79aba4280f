import { showLive } from "./live.ts";
import { runsInPages } from "./runs-in-pages.ts";

/** Gives every complete TypeScript snippet of the page a button that makes it an editor. The editor itself is loaded then. */
export function offerEditing(): void {
  for (const block of document.querySelectorAll<HTMLElement>('.vp-doc div[class*="language-ts"]')) {
    const code = block.querySelector("pre")?.textContent ?? "";
    if (block.querySelector("button.edit") || !runsInPages(code)) continue;
    const button = document.createElement("button");
    Object.assign(button, {
      className: "edit",
      type: "button",
      textContent: "Edit",
      title: "Change and run it here",
    });
    button.addEventListener("click", () => edit(block, code));
    block.append(button);
  }
}

function edit(block: HTMLElement, code: string): void {
  const editor = document.createElement("div");
  editor.className = "live";
  editor.dataset.live = "edit";
  editor.dataset.code = code.trimEnd();
  block.after(editor);
  block.hidden = true;
  showLive();
}
