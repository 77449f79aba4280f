import { userFaults, userMessage } from "../../../verify/src/gradients/user-faults.fixture.ts";
import { explained, messageAbout } from "../../../verify/src/mutants/kinds.ts";

/**
 * How often the checker's message names what is wrong: for every planted fault that examples of its row catch, and for
 * faults in functions of a user's.
 */
const said = explained.map((mutant) => messageAbout(mutant));
const missed = said.filter(({ named }) => !named);
const users = userFaults.map((fault) => {
  const [what, , , kind] = fault;
  const message = userMessage(fault);
  return { fault: what, said: message.split("\n").slice(0, 2).join(" "), named: kind.test(message) };
});
const share = (all: readonly { readonly named: boolean }[]): number =>
  all.filter(({ named }) => named).length / all.length;

console.log(
  JSON.stringify({
    planted: { count: said.length, share: share(said), missed, said },
    users: { count: users.length, share: share(users), missed: users.filter(({ named }) => !named) },
  }),
);
