import type { DeviceId } from "../../../proto/ids.ts";
import { sumOfAgreements } from "../../../proto/sketch/agreement.ts";
import type { Agreement, Window } from "../../../proto/telemetry-messages.ts";
import type { Evidence, NamedStream } from "./evidence.ts";
import { EvidenceSum, mergeEvidence, noEvidence } from "./evidence.ts";

/** What the new version did beside the one that answered, on the same inputs. */
export interface ShadowEvidence {
  /** Each device for itself: what one device sees is alike, so a device is one witness, however much it says. */
  readonly devices: ReadonlyMap<DeviceId, Agreement>;
  /** What the new version answered to nobody. */
  readonly answers: Evidence;
}

export const noShadow: ShadowEvidence = { devices: new Map(), answers: noEvidence };

export function mergeShadowEvidence(a: ShadowEvidence, b: ShadowEvidence): ShadowEvidence {
  const devices = new Map(a.devices);
  for (const [device, agreement] of b.devices) addAgreement(devices, device, agreement);
  return { devices, answers: mergeEvidence([a.answers, b.answers]) };
}

export class ShadowSum {
  readonly #devices = new Map<DeviceId, Agreement>();
  readonly #answers = new EvidenceSum();

  add(device: DeviceId, window: Window, agreement: Agreement, streams: ReadonlyMap<number, NamedStream>): void {
    addAgreement(this.#devices, device, agreement);
    this.#answers.add(device, window, streams);
  }

  evidence(): ShadowEvidence {
    return { devices: this.#devices, answers: this.#answers.evidence() };
  }
}

function addAgreement(devices: Map<DeviceId, Agreement>, device: DeviceId, agreement: Agreement): void {
  const known = devices.get(device);
  devices.set(device, known === undefined ? agreement : sumOfAgreements(known, agreement));
}
