import type { InferenceService } from "./inference-service.ts";
import type { Logger } from "./ports.ts";
import type { StateKeeper } from "./state-keeper.ts";

/** Trials and shadows whose workers run as the agent is stopped in order: these attempts do not count. */
export async function giveAttemptsBack(keeper: StateKeeper, service: InferenceService, log: Logger): Promise<void> {
  for (const { model, candidate } of keeper.state.models) {
    const { candidate: tried, shadow } = service.facts(model);
    const running = candidate?.stage.kind === "shadow" ? shadow?.package : tried;
    const isTried = candidate?.stage.kind === "trial" || candidate?.stage.kind === "shadow";
    if (!isTried || running !== candidate.package || candidate.stage.attempt === 0) continue;
    await keeper.apply(model, { kind: "attempt-interrupted" }).catch((error: unknown) => {
      log.warn({ model, error: String(error) }, "an attempt that was interrupted stays counted");
    });
  }
}
