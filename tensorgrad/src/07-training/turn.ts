/**
 * Lets the event loop turn once: timers, input and the collector's callbacks get their chance.
 *
 * A browser delays nested timeouts by 4 ms, messages not at all.
 */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === "function") {
      setImmediate(resolve);
      return;
    }
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
