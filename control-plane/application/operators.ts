import type { Operator } from "../domain/operator.ts";
import { firstOperator, isOperatorName } from "../domain/operator.ts";
import type { Clock, SecretHasher } from "./ports.ts";
import type { Database } from "./stores.ts";
import { ConflictError, ForbiddenError, InvalidDataError, NotFoundError } from "./refusals.ts";

/** Who may run the fleet. A removed name may be given again: to the same person with a new token, as after a loss. */
export interface Operators {
  /** Whose token that is; undefined for a token of nobody. */
  nameOf(token: string): Promise<string | undefined>;
  /**
   * Makes an operator; the token is told this once and kept only as a hash. Throws ForbiddenError for everybody but the first operator,
   * InvalidDataError for a name that cannot be one, ConflictError for one that is taken.
   */
  add(name: string, by: string): Promise<{ readonly operator: Operator; readonly token: string }>;
  /** Its token is worth nothing from the next request on. Throws ForbiddenError, NotFoundError. */
  remove(name: string, by: string): Promise<void>;
  /** Without the first. */
  list(): Promise<readonly Operator[]>;
}

export interface OperatorsOptions {
  readonly database: Pick<Database, "operators" | "transaction">;
  readonly hasher: SecretHasher;
  readonly clock: Pick<Clock, "now">;
  /** In constant time. */
  readonly isFirst: (token: string) => boolean;
}

export function createOperators({ database, hasher, clock, isFirst }: OperatorsOptions): Operators {
  return {
    nameOf: async (token) => (isFirst(token) ? firstOperator : database.operators.named(hasher.hash(token))),

    async add(name, by) {
      refuseOthers(by);
      if (!isOperatorName(name) || name === firstOperator)
        throw new InvalidDataError("the operator", [
          `the name "${name}" must begin with a letter, be of a-z, 0-9, ".", "_" and "-", at most 64 characters, and not be "${firstOperator}"`,
        ]);
      const token = hasher.newSecret();
      const operator: Operator = { name, addedAtMs: clock.now(), addedBy: by };
      await database.transaction(async (stores) => {
        if (!(await stores.operators.add(operator, hasher.hash(token))))
          throw new ConflictError(`there is an operator "${name}"; remove it first to give it a new token`);
        await stores.events.add({
          atMs: operator.addedAtMs,
          kind: "operator.added",
          device: undefined,
          rollout: undefined,
          by,
          text: `${name} is an operator`,
        });
      });
      return { operator, token };
    },

    async remove(name, by) {
      refuseOthers(by);
      await database.transaction(async (stores) => {
        if (!(await stores.operators.remove(name)))
          throw new NotFoundError(`there is no operator "${name}"; "sedge operator list" names them`);
        await stores.events.add({
          atMs: clock.now(),
          kind: "operator.removed",
          device: undefined,
          rollout: undefined,
          by,
          text: `${name} is no operator any more`,
        });
      });
    },

    list: () => database.operators.list(),
  };
}

/** A token that was lent or lost cannot make others that outlive it. */
function refuseOthers(by: string): void {
  if (by !== firstOperator)
    throw new ForbiddenError(
      `operators are added and removed with the first token, of the control plane's data directory, not by ${by}`,
    );
}
