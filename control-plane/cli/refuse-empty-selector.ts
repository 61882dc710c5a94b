import type { ApiClient } from "./api-client.ts";
import { ApiProblemError } from "./api-errors.ts";
import { CommandError, exitCodes } from "./exit-codes.ts";

/**
 * A slip in a selector would look like a rollout that takes its time, and stand in the way of the next one. Whoever prepares something
 * for devices that are still to come says so.
 */
export async function refuseEmptySelector(
  api: Pick<ApiClient, "devicePage">,
  selector: string | undefined,
  allowNone: boolean,
): Promise<void> {
  if (selector === undefined || selector === "all" || allowNone) return;
  const matching = await api.devicePage({ selector, limit: 1 }).catch((error: unknown) => {
    // What is wrong with the selector is told together with the other mistakes, by the request that follows.
    if (error instanceof ApiProblemError && error.exitCode === exitCodes.usage) return undefined;
    throw error;
  });
  if (matching === undefined || matching.devices.length > 0) return;
  throw new CommandError(
    exitCodes.notFound,
    `no device matches "${selector}", so nothing was begun: \`sedge device list\` has the labels; for devices that are still to come add --allow-none`,
  );
}
