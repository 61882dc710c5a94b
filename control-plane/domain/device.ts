import type { DeviceId } from "../../proto/ids.ts";
import type { DeviceProfile, ReportedState } from "../../proto/messages.ts";
import type { Presence } from "./presence.ts";

export type Labels = Readonly<Record<string, string>>;

/** One agent as the control plane knows it. */
export interface Device {
  readonly id: DeviceId;
  readonly labels: Labels;
  readonly hardware: string;
  readonly enrolledAtMs: number;
  /** A revoked device can no longer connect. */
  readonly revokedAtMs: number | undefined;
  /** From its last birth. */
  readonly agentVersion: string | undefined;
  readonly profile: DeviceProfile | undefined;
  /** What it said last; the truth about what it runs. */
  readonly reported: ReportedState | undefined;
  readonly presence: Presence;
}
