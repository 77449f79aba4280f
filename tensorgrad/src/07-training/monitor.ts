import type { EpochResult } from "./progress.ts";

/**
 * One number of an epoch's result, by name: "train.loss", "validation.loss", "validation.accuracy".
 *
 * Throws  RangeError for a name that the result does not have
 */
export function monitored(call: string, monitor: string, { train, validation }: EpochResult): number {
  const values = Object.entries({ train, validation }).flatMap(([phase, pass]) =>
    pass
      ? Object.entries({ loss: pass.loss, ...pass.metrics }).map(
          ([name, value]) => [`${phase}.${name}`, value] as const,
        )
      : [],
  );
  const found = values.find(([name]) => name === monitor);
  if (found) return found[1];
  const remedy = monitor.startsWith("validation.") && !validation ? "; give fit a { validation } set" : "";
  throw new RangeError(
    `${call}: monitor "${monitor}" — this training has ${values.map(([name]) => name).join(", ")}${remedy}`,
  );
}

/** Whether less is better: for losses and perplexities. */
export const directionOf = (monitor: string): "min" | "max" =>
  /(loss|perplexity)$/i.test(monitor) ? "min" : "max";
