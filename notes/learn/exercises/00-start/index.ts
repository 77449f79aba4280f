import type { Exercise } from "../../exercise.ts";
import { exercise as hello } from "./start-hello.ts";

/** Exercise 0: before the first module. */
export const exercises: readonly Exercise[] = [hello];
