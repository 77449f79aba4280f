import { checked } from "../00-runtime/index.ts";
/** Why a request was not answered with numbers: an HTTP status, and a sentence for whoever asked. */
export class Refusal extends Error {
  override name = "Refusal";
  readonly status: number;
  /** Seconds after which to try again. */
  readonly retryAfter: number | null;
  /** The field of the request that is wrong. */
  readonly param: string | null;

  constructor(
    status: number,
    message: string,
    options: { retryAfter?: number | null; param?: string | null } = {},
  ) {
    const { retryAfter = null, param = null } = checked("Refusal", options, ["retryAfter", "param"]);
    super(message);
    [this.status, this.retryAfter, this.param] = [status, retryAfter, param];
  }
}

/** The client hung up: nobody reads this status. Named as nginx does. */
export const GONE = 499;

export const gone = (): Refusal =>
  new Refusal(GONE, "infer: the client has gone — nobody waits for the answer");
