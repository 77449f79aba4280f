import type { Exercise } from "../exercise.ts";
import type { Learn } from "./learn.ts";
import { readProgress } from "./progress.ts";
import type { Screen } from "./text.ts";

type Part = Exercise["part"];

export interface Grade {
  readonly module: string;
  /** Points of what has passed, as it stands now. */
  readonly implementation: number;
  readonly systems: number;
  readonly reflection: number;
  readonly total: number;
  readonly of: number;
  /** How many of the passed exercises had their solution shown. */
  readonly assisted: number;
  readonly hints: number;
}

export function gradesOf(learn: Learn): Grade[] {
  const progress = readProgress(learn.workspace);
  return learn.catalogue.modules.map((module) => {
    const own = learn.entries.filter((entry) => entry.module === module);
    const passed = own.filter((entry) => learn.standing(entry) === "passed").map(({ exercise }) => exercise);
    const points = (part?: Part): number =>
      passed
        .filter((one) => part === undefined || one.part === part)
        .reduce((sum, one) => sum + one.points, 0);
    return {
      module,
      implementation: points("implementation"),
      systems: points("systems"),
      reflection: points("reflection"),
      total: points(),
      of: own.reduce((sum, { exercise }) => sum + exercise.points, 0),
      assisted: passed.filter(({ id }) => progress.passed[id]?.assisted).length,
      hints: own.reduce((sum, { exercise }) => sum + (progress.hints[exercise.id] ?? 0), 0),
    };
  });
}

/** Points by module: 75 implementation, 15 systems analysis, 10 reflection. */
export function grade(learn: Learn, screen: Screen, form: "text" | "json" | "csv"): 0 {
  const grades = gradesOf(learn);
  if (form === "json") screen.print(JSON.stringify(grades, null, 1));
  else if (form === "csv") {
    const names = Object.keys(grades[0] ?? {}) as (keyof Grade)[];
    screen.print(
      [names.join(","), ...grades.map((row) => names.map((name) => row[name]).join(","))].join("\n"),
    );
  } else
    for (const { module, total, of, assisted, hints } of grades)
      screen.print(
        `${module.padEnd(18)} ${String(total).padStart(3)}/${of}${assisted ? `, ${assisted} assisted` : ""}${hints ? `, ${hints} hints` : ""}`,
      );
  return 0;
}
