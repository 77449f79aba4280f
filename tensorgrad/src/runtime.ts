/** What stands under tensors: the heap, kernels and how they are chosen, and recording. */
export * from "./00-runtime/index.ts";
export { isRecording, recordAll, withRecording } from "./01-tensor/index.ts";
