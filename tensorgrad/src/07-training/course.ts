import { fromJson, type TrainerState, toJson } from "./checkpoints/trainer-state.ts";
import type { Metric } from "./metrics.ts";
import type { EpochResult } from "./progress.ts";
import { Tally, type TallyState } from "./tally.ts";

/** The course of one `fit`: finished epochs, and the sums of the running one. */
export class Course {
  epoch = 1;
  tally: Tally | null = null;
  history: EpochResult[] = [];

  get batch(): number {
    return this.tally?.steps ?? 0;
  }

  stateDict(): Pick<TrainerState, "epoch" | "batch" | "pass" | "history"> {
    const { epoch, batch, tally, history } = this;
    return { epoch, batch, pass: tally && toJson(tally.stateDict()), history: toJson(history) };
  }

  static from({ epoch, pass, history }: TrainerState, metrics: Readonly<Record<string, Metric>>): Course {
    const course = new Course();
    course.epoch = epoch;
    course.tally = pass === null ? null : Tally.from(fromJson(pass) as TallyState, metrics);
    course.history = fromJson(history) as EpochResult[];
    return course;
  }
}
