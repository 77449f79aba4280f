export * from "./00-runtime/index.ts";
export * from "./01-tensor/index.ts";
export * from "./05-autograd/index.ts";
