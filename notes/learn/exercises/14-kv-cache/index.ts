import type { Exercise } from "../../exercise.ts";
import { kvCacheAttention } from "./kv-cache-attention.ts";
import { kvCacheBytes } from "./kv-cache-bytes.ts";
import { kvCacheOrder } from "./kv-cache-order.ts";
import { kvCacheReading } from "./kv-cache-reading.ts";
import { kvCacheUpdate } from "./kv-cache-update.ts";

/** Module 14, in order. */
export const exercises: readonly Exercise[] = [
  kvCacheUpdate,
  kvCacheOrder,
  kvCacheAttention,
  kvCacheBytes,
  kvCacheReading,
];
