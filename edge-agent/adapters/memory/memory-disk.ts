import type { AgentState } from "../../core/agent-state.ts";
import type { SpooledRecord } from "../../core/ports.ts";
import { NoSpaceError } from "../../core/ports.ts";
import type { Digest } from "../../../proto/ids.ts";
import type { Lane } from "../../../proto/telemetry-messages.ts";
import { forEachLane } from "../../../proto/telemetry-messages.ts";
import { mebibytes } from "../../../proto/units.ts";

/** What survives a crash of an agent over the memory adapters: one object for each device. */
export interface MemoryDisk {
  readonly capacityBytes: number;
  readonly files: Map<Digest, Uint8Array>;
  readonly partials: Map<Digest, Uint8Array>;
  readonly lanes: Readonly<Record<Lane, MemoryLane>>;
  spoolEpoch: string;
  state: AgentState | undefined;
  /** No write succeeds while it is true. */
  isFull: boolean;
}

export function refuseWhenFull(disk: MemoryDisk): void {
  if (disk.isFull) throw new NoSpaceError("the disk is full");
}

export interface MemoryLane {
  records: SpooledRecord[];
  next: number;
  held: Uint8Array[];
}

export function memoryDisk(spoolEpoch: string, capacityBytes = mebibytes(64)): MemoryDisk {
  return {
    capacityBytes,
    files: new Map(),
    partials: new Map(),
    lanes: forEachLane(() => ({ records: [], next: 1, held: [] })),
    spoolEpoch,
    state: undefined,
    isFull: false,
  };
}
