import type { Clock } from "../../core/ports.ts";
import type { LocalHttpAgent } from "../local-agent.ts";
import type { StartTime } from "../start-time.ts";
import type { BodyLitter } from "./body-litter.ts";
import type { BodyRooms, RoomLease } from "./body-rooms.ts";
import type { ByteBudget, ByteShare } from "./byte-budget.ts";
import type { ReplyCounts } from "./reply-counts.ts";
import type { BodyLimits } from "./request-body.ts";

/** What the answers to all requests share. */
export interface ProtocolOptions {
  readonly agent: LocalHttpAgent;
  readonly agentVersion: string;
  readonly clock: Clock;
  readonly maxBodyBytes: number;
  readonly bodies: ByteBudget;
  readonly rooms: BodyRooms;
  readonly litter: BodyLitter;
  readonly replies: ReplyCounts;
  readonly startTime: StartTime;
}

export function bodyLimits({ maxBodyBytes, litter }: ProtocolOptions, share: ByteShare, room: RoomLease): BodyLimits {
  return { maxBytes: maxBodyBytes, share, room, litter };
}
