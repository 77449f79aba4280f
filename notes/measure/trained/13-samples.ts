import { RECIPES } from "../../../examples/lib/gpt-recipe.ts";
import { stagesOf } from "../../../examples/lib/gpt-stages.ts";
import { shakespeare } from "../../../examples/lib/gpt-texts.ts";
import { report } from "../../lib/measure.ts";

/** Note 13: what milestone 4's model wrote along its training. Needs the checkpoints that `examples/04-tinygpt.ts` leaves. */
const FOLDER = "out/04-tinygpt/platinum-1337";

const stages = await stagesOf(RECIPES.platinum, await shakespeare(), FOLDER);
if (stages.length === 1)
  throw new RangeError(`13-samples: no checkpoints in ${FOLDER} — run examples/04-tinygpt.ts first`);
report({ stages });
