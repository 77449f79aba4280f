import type { Learn } from "./learn.ts";
import type { Screen } from "./text.ts";

/** What `tensorgrad doctor` finds, and what the exercises need. */
export async function info(learn: Learn, screen: Screen): Promise<0> {
  // The libraries are loaded where they are needed: the watcher starts without them.
  const { examine, render } = await import("../../../tensorgrad/src/cli/doctor.ts");
  screen.print(render(await examine()));
  screen.print(`\nexercises  ${learn.entries.length} in ${learn.catalogue.modules.length} modules`);
  screen.print(`workspace  ${learn.workspace.folder}`);
  return 0;
}
