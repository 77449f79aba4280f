import type { Exercise } from "../../exercise.ts";
import { exercise as accumulate } from "./autograd-accumulate.ts";
import { exercise as differences } from "./autograd-differences.ts";
import { exercise as passes } from "./autograd-passes.ts";
import { exercise as pending } from "./autograd-pending.ts";
import { exercise as read } from "./autograd-read.ts";
import { exercise as unbroadcast } from "./autograd-unbroadcast.ts";
import { exercise as walk } from "./autograd-walk.ts";

/** The exercises of module 05, in their order. */
export const exercises: readonly Exercise[] = [
  unbroadcast,
  pending,
  walk,
  accumulate,
  differences,
  passes,
  read,
];
