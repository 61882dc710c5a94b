import type { DeviceId } from "../../proto/ids.ts";
import type { DeltaAnswer, DeltaRequest } from "../../proto/messages.ts";
import { seconds } from "../../proto/units.ts";
import type { DeltaService } from "../application/delta-service.ts";
import type { DeviceGateway } from "../application/ports.ts";

/** When a device may ask again for a delta that is being made. */
const retryAfterMs = seconds(2);

export interface DeltaAnswersOptions {
  readonly deltas: Pick<DeltaService, "answer">;
  readonly gateway: Pick<DeviceGateway, "send">;
}

/** Says over MQTT what `GET …/artifacts/<target>/delta?from=<base>` says over HTTP, for devices that reach nothing else. */
export function createDeltaAnswers({ deltas, gateway }: DeltaAnswersOptions) {
  async function answerTo(device: DeviceId, { base, target }: DeltaRequest): Promise<DeltaAnswer> {
    const answer = await deltas.answer(device, base, target);
    switch (answer.kind) {
      case "ready":
        return { kind: "ready", file: { digest: answer.digest, size: answer.size } };
      case "being-made":
        return { kind: "being-made", retryAfterMs };
      case "none":
        return { kind: "none" };
    }
  }

  return {
    async answer(device: DeviceId, request: DeltaRequest): Promise<void> {
      const { base, target } = request;
      await gateway.send(device, { kind: "delta-offer", base, target, answer: await answerTo(device, request) });
    },
  };
}

export type DeltaAnswers = ReturnType<typeof createDeltaAnswers>;
