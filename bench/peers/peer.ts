import { absent } from "../serve.ts";

/**
 * A package that may not be installed; imported from here, so that it is found in this folder. The compiler does
 * not know its name: peers are no dependency.
 */
export async function peer<T>(name: string): Promise<T> {
  try {
    return (await import(name)) as T;
  } catch (error) {
    return absent(`${name} cannot be loaded: ${String(error).split("\n")[0]}`);
  }
}
