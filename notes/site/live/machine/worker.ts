import { randn, scope } from "tensorgrad";
import { kernelLevel, threads } from "tensorgrad/runtime";
import { answerCalls } from "../lib/worker-calls.ts";
import type { MachineWork } from "./work.ts";

answerCalls<MachineWork>({
  look: () => ({ level: kernelLevel() ?? "none", threads: threads().working }),

  multiply({ size, seconds }, report) {
    using _ = scope();
    const [a, b] = [randn([size, size]), randn([size, size])];
    const end = performance.now() + seconds * 1000;
    let best = 0;
    while (performance.now() < end) {
      using _ = scope();
      const start = performance.now();
      a.matmul(b);
      const elapsed = performance.now() - start;
      if (elapsed > 0) best = Math.max(best, (2 * size ** 3) / (elapsed * 1e6));
      report(best);
    }
    return best;
  },
});
