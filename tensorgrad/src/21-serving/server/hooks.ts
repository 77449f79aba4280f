import type { RequestEvent, ResponseEvent, RouteEvent, ServingHooks } from "../types.ts";

/** Those who watch. One that throws is reported and changes nothing for others. */
export class HookList {
  /** Each in an object of its own: the same hooks may be added twice, and each is taken away by itself. */
  readonly #entries = new Set<{ readonly hooks: ServingHooks }>();
  readonly #onError: (error: unknown) => void;

  constructor(hooks: readonly ServingHooks[], onError: (error: unknown) => void) {
    for (const one of hooks) this.use(one);
    this.#onError = onError;
  }

  /** Whether nobody watches: then nothing is gathered for them. */
  get isEmpty(): boolean {
    return this.#entries.size === 0;
  }

  use(hooks: ServingHooks): () => void {
    const entry = { hooks };
    this.#entries.add(entry);
    return () => void this.#entries.delete(entry);
  }

  /** The first version that a hook names. */
  route(event: RouteEvent): string | undefined {
    let version: string | undefined;
    this.#each((hooks) => {
      version ??= hooks.route?.(event);
    });
    return version;
  }

  request(event: RequestEvent): void {
    this.#each((hooks) => hooks.onRequest?.(event));
  }

  response(event: ResponseEvent): void {
    this.#each((hooks) => hooks.onResponse?.(event));
  }

  #each(call: (hooks: ServingHooks) => void): void {
    for (const { hooks } of this.#entries) {
      try {
        call(hooks);
      } catch (error) {
        this.#onError(error);
      }
    }
  }
}
