import { createApiClient } from "./api-client.ts";
import { ApiProblemError } from "./api-errors.ts";
import type { MissingTokenError } from "./connection.ts";
import { CommandError, exitCodes } from "./exit-codes.ts";

/**
 * Asks without a token, so that a wrong address is not taken for a missing token, and answers the error with which the command ends.
 * Rejects with the signal's reason.
 */
export async function whoIsThere(missing: MissingTokenError, signal: AbortSignal): Promise<CommandError> {
  const { there, message } = missing;
  try {
    await createApiClient({ ...there, token: "" }, signal).status();
  } catch (error) {
    signal.throwIfAborted();
    // That it refuses who has no token is how a control plane is known.
    if (error instanceof ApiProblemError)
      return new CommandError(exitCodes.usage, `a control plane answers, but ${message}`);
    if (error instanceof CommandError)
      return new CommandError(error.exitCode, `${error.message}. And ${message}`, [], { cause: error });
    throw error;
  }
  return missing;
}
