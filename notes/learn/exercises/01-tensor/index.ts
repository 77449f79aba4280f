import type { Exercise } from "../../exercise.ts";
import { exercise as broadcast } from "./tensor-broadcast.ts";
import { exercise as bytes } from "./tensor-bytes.ts";
import { exercise as extremum } from "./tensor-extremum-backward.ts";
import { exercise as gemm } from "./tensor-gemm.ts";
import { exercise as read } from "./tensor-read.ts";
import { exercise as strides } from "./tensor-strides.ts";
import { exercise as views } from "./tensor-view-strides.ts";

/** The exercises of module 01, in their order. */
export const exercises: readonly Exercise[] = [strides, broadcast, gemm, extremum, views, bytes, read];
