import type { Ack } from "../../../proto/messages.ts";
import type { Lane, TelemetryBatch, TelemetryRecord } from "../../../proto/telemetry-messages.ts";

const recordsOfBatch = 50;

/** What one device has numbered in one lane, and what of it is not acknowledged yet. */
export class FleetLane {
  readonly lane: Lane;
  readonly epoch: string;
  #through = 0;
  #kept: TelemetryRecord[] = [];

  constructor(lane: Lane, epoch: string) {
    this.lane = lane;
    this.epoch = epoch;
  }

  /** Records numbered so far. */
  get numbered(): number {
    return this.#through;
  }

  get unacknowledged(): number {
    return this.#kept.length;
  }

  add(body: TelemetryRecord["body"], timeMs: number): TelemetryBatch {
    this.#through += 1;
    const record = { seq: this.#through, timeMs, body };
    this.#kept.push(record);
    return this.#batch([record]);
  }

  acknowledged({ through }: Ack): void {
    this.#kept = this.#kept.filter(({ seq }) => seq > through);
  }

  /** What has to be sent again after a new connection, or when it is asked for. */
  again(): TelemetryBatch[] {
    const batches: TelemetryBatch[] = [];
    for (let i = 0; i < this.#kept.length; i += recordsOfBatch)
      batches.push(this.#batch(this.#kept.slice(i, i + recordsOfBatch)));
    return batches;
  }

  #batch(records: readonly TelemetryRecord[]): TelemetryBatch {
    const startsAtOldest = records[0] === this.#kept[0] && { startsAtOldest: true as const };
    return { kind: "telemetry", lane: this.lane, epoch: this.epoch, records, ...startsAtOldest };
  }
}
