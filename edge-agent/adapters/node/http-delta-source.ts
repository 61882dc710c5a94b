import type { DeltaSource } from "../../core/ports.ts";
import { deltaAddress, deltaAnswerIn, deltaSilenceMs } from "../portable/delta-answer.ts";
import type { ServerAccess } from "./http-request.ts";
import { beginningOf, serverAccess } from "./http-request.ts";

/** Asks the control plane which file makes one out of another; delta-answer.ts says what it answers. */
export function httpDeltaSource(access: ServerAccess): DeltaSource {
  const { base: server, authorization, get } = serverAccess(access);
  return {
    async find(base, target, signal) {
      const headers = { authorization, accept: "application/json" };
      const response = await get(deltaAddress(server, base, target), headers, deltaSilenceMs, signal);
      try {
        return deltaAnswerIn({
          status: response.statusCode ?? 0,
          retryAfter: response.headers["retry-after"] ?? "",
          text: await beginningOf(response),
        });
      } finally {
        response.destroy();
      }
    },
  };
}
