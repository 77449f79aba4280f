import type { Exercise } from "../../exercise.ts";
import { cropFindWrap } from "./crop-find-wrap.ts";
import { dataBytes } from "./data-bytes.ts";
import { dataCollate } from "./data-collate.ts";
import { readData } from "./read-data.ts";
import { weightedDraws } from "./weighted-draws.ts";

/** Module 08, in the order in which to do them. */
export const exercises: readonly Exercise[] = [dataCollate, weightedDraws, cropFindWrap, dataBytes, readData];
