import type { DeltaSource } from "../../core/ports.ts";
import { ArtifactFetchError } from "../portable/artifact-range.ts";
import { deltaAddress, deltaAnswerIn, deltaSilenceMs } from "../portable/delta-answer.ts";
import type { HttpArtifactSourceOptions } from "./http-artifact-source.ts";
import { serverAccess } from "./http-artifact-source.ts";

/** Asks the control plane which file makes one out of another; delta-answer.ts says what it answers. */
export function httpDeltaSource(options: HttpArtifactSourceOptions): DeltaSource {
  const { base: server, authorization } = serverAccess(options);
  return {
    async find(base, target, signal) {
      const url = deltaAddress(server, base, target);
      try {
        const response = await fetch(url, {
          headers: { authorization, accept: "application/json" },
          cache: "no-store",
          credentials: "omit",
          signal: AbortSignal.any([signal, AbortSignal.timeout(deltaSilenceMs)]),
        });
        return deltaAnswerIn({
          status: response.status,
          retryAfter: response.headers.get("retry-after") ?? "",
          text: (await response.text()).slice(0, 300),
        });
      } catch (error) {
        signal.throwIfAborted();
        throw error instanceof ArtifactFetchError
          ? error
          : new ArtifactFetchError(`${url.href} could not be asked: ${String(error)}`, { cause: error });
      }
    },
  };
}
