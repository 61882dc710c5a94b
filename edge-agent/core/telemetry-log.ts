import { limits } from "../../proto/limits.ts";
import type { Lane } from "../../proto/messages.ts";
import { forEachLane, lanes } from "../../proto/messages.ts";
import { mebibytes } from "../../proto/units.ts";
import { inTurn } from "./in-turn.ts";
import type { Clock, Logger, Spool } from "./ports.ts";
import type { RecordBody } from "./spool-record.ts";
import { encodeSpoolRecord, tombstoneOver } from "./spool-record.ts";
import { bytesOf, cutFor, recordsToDrop } from "./spool-rules.ts";

export interface TelemetryLogPorts {
  readonly spool: Spool;
  readonly clock: Clock;
  readonly log: Logger;
}

const readAtOnce = { bytes: mebibytes(1), records: limits.recordsPerBatch };

/** Writes records to the spool and keeps the spool within its quota. */
export class TelemetryLog {
  readonly #ports: TelemetryLogPorts;
  readonly #quotaBytes: number;
  readonly #onAppended: () => void;
  readonly #inTurn = inTurn();

  constructor(ports: TelemetryLogPorts, quotaBytes: number, onAppended: () => void) {
    this.#ports = ports;
    this.#quotaBytes = quotaBytes;
    this.#onAppended = onAppended;
  }

  /** Resolves when the spool has it; rejects when the spool cannot take it, even after it was cut to half. */
  append(lane: Lane, body: RecordBody): Promise<void> {
    const { spool, clock, log } = this.#ports;
    const record = encodeSpoolRecord(lane, clock.now(), fitting(lane, body));
    return this.#inTurn(async () => {
      try {
        await spool.append(lane, record);
      } catch (error) {
        log.warn({ lane, error: String(error) }, "the spool took no record; its oldest samples and windows make room");
        await this.#cutTo(this.#bytes() / 2, "the disk is full");
        await spool.append(lane, record);
      }
      await this.#cutTo(this.#quotaBytes, "the spool is full");
      this.#onAppended();
    });
  }

  /**
   * Begins a new epoch: under the old one another disk tells the control plane something else, and what of this spool's it has
   * already nobody can know. What was not acknowledged yet is given up rather than counted twice, and said with numbers.
   */
  renew(reason: string): Promise<void> {
    const { spool, clock, log } = this.#ports;
    return this.#inTurn(async () => {
      const givenUp = lanes
        .map((lane) => `${spool.extent(lane).next - spool.extent(lane).first} of ${lane}`)
        .join(", ");
      const told = `${reason}; a new epoch begins, and records that were not acknowledged are given up (${givenUp})`;
      const about = { model: undefined, version: undefined, package: undefined };
      await spool.renew(
        encodeSpoolRecord("lifecycle", clock.now(), { kind: "event", name: "spool-reset", ...about, reason: told }),
      );
      log.warn({ epoch: spool.epoch, givenUp }, told);
      this.#onAppended();
    });
  }

  /** Resolves when everything that was appended so far is in the spool, or has failed. */
  settled(): Promise<void> {
    return this.#inTurn(async () => undefined);
  }

  /** How much of its quota the spool holds. */
  get fill(): number {
    return this.#bytes() / this.#quotaBytes;
  }

  #bytes(): number {
    return bytesOf(forEachLane((lane) => this.#ports.spool.extent(lane)));
  }

  async #cutTo(quotaBytes: number, reason: string): Promise<void> {
    const { spool, clock, log } = this.#ports;
    for (;;) {
      const cut = cutFor(
        forEachLane((lane) => spool.extent(lane)),
        quotaBytes,
      );
      if (cut === undefined) return;
      const { first } = spool.extent(cut.lane);
      const oldest = await spool.read(cut.lane, first, readAtOnce.bytes, readAtOnce.records);
      const dropped = recordsToDrop(oldest, cut.bytes);
      const last = dropped.at(-1);
      if (last === undefined || dropped.length < 2) return;
      const tombstone = tombstoneOver(dropped, clock.now(), reason);
      await spool.replaceOldest(cut.lane, last.seq, encodeSpoolRecord(cut.lane, clock.now(), tombstone));
      log.warn(
        { lane: cut.lane, from: tombstone.from, count: tombstone.count },
        "telemetry was dropped and accounted for",
      );
    }
  }
}

/** A window with very many bins could be too large for a packet: it goes without its streams rather than not at all. */
function fitting(lane: Lane, body: RecordBody): RecordBody {
  if (body.kind !== "window") return body;
  return encodeSpoolRecord(lane, 0, body).length <= limits.batchBytes ? body : { ...body, streams: [] };
}
