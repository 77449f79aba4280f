/** `all` records every operation, also those that need no gradient: what an exporter walks. */
type Recording = "gradients" | "off" | "all";

let recording: Recording = "gradients";

export const isRecording = (): boolean => recording !== "off";
/** Whether somebody wants to see every operation, an exporter for example. */
export const isRecordingAll = (): boolean => recording === "all";

/** Runs `fn` with another kind of recording. Who records everything goes on doing so while gradients are recorded. */
export function withRecording<T>(kind: Recording, fn: () => T): T {
  const outer = setRecording(kind === "gradients" && recording === "all" ? "all" : kind);
  try {
    return fn();
  } finally {
    recording = outer;
  }
}

/** Changes the kind of recording; returns the one before. */
export function setRecording(kind: Recording): Recording {
  const before = recording;
  recording = kind;
  return before;
}

/** Runs `fn` and records every operation in it, whether or not it needs a gradient. */
export const recordAll = <T>(fn: () => T): T => withRecording("all", fn);
