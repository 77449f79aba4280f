import { element } from "./elements.ts";
import { Stopped } from "./worker-calls.ts";

/** The line that says what went wrong. What the reader stopped is no fault. */
export class Faults {
  readonly element: HTMLElement = element("p", { class: "fault", role: "alert" });

  /** Whether it went well. */
  async try(work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      this.element.textContent = "";
      return true;
    } catch (error) {
      if (!(error instanceof Stopped))
        this.element.textContent = error instanceof Error ? error.message : String(error);
      return false;
    }
  }
}
