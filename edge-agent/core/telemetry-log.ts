import { limits } from "../../proto/limits.ts";
import type { Lane } from "../../proto/telemetry-messages.ts";
import { forEachLane, lanes } from "../../proto/telemetry-messages.ts";
import { mebibytes } from "../../proto/units.ts";
import { inTurn } from "./in-turn.ts";
import type { Clock, Logger, Spool } from "./ports.ts";
import type { RecordBody } from "./spool-record.ts";
import { decodeSpoolRecord, encodeSpoolRecord, tombstoneOver } from "./spool-record.ts";
import { bytesOf, cutFor, recordsToDrop } from "./spool-rules.ts";
import { thinned } from "./window-merging.ts";

export interface TelemetryLogPorts {
  readonly spool: Spool;
  readonly clock: Clock;
  readonly log: Logger;
  /** Whether what is written to the lane can be sent now: a connection is there, and takes it. */
  readonly isTaken: (lane: Lane) => boolean;
}

/** While windows wait, so many new ones come before they are merged again: an hour of one model. */
const heldBetweenMerges = 60;

const readAtOnce = { bytes: mebibytes(1), records: limits.recordsPerBatch };

/**
 * Writes records to the spool and keeps the spool within its quota. A window that cannot be sent now is held without a number, so
 * that it can still be merged with others (window-merging.ts); whoever sends asks for it.
 */
export class TelemetryLog {
  readonly #ports: TelemetryLogPorts;
  readonly #quotaBytes: number;
  readonly #onAppended: () => void;
  readonly #inTurn = inTurn();
  #mergeAt = heldBetweenMerges;

  constructor(ports: TelemetryLogPorts, quotaBytes: number, onAppended: () => void) {
    this.#ports = ports;
    this.#quotaBytes = quotaBytes;
    this.#onAppended = onAppended;
  }

  /** Resolves when the spool has it; rejects when the spool cannot take it, even after it was cut to half. */
  append(lane: Lane, body: RecordBody): Promise<void> {
    const { clock, log } = this.#ports;
    const record = encodeSpoolRecord(lane, clock.now(), fitting(lane, body));
    return this.#inTurn(async () => {
      try {
        await this.#store(lane, record);
      } catch (error) {
        log.warn({ lane, error: String(error) }, "the spool took no record; its oldest samples and windows make room");
        await this.#cutTo(this.#bytes() / 2, "the disk is full");
        await this.#store(lane, record);
      }
      await this.#cutTo(this.#quotaBytes, "the spool is full");
      this.#onAppended();
    });
  }

  /** For callers that cannot wait: what the spool does not take is lost, and said. */
  write(lane: Lane, body: RecordBody): void {
    this.append(lane, body).catch((error: unknown) => {
      this.#ports.log.error({ lane, error: String(error) }, "telemetry was lost: the spool does not take it");
    });
  }

  /** Numbers the windows that wait. `finestMs`: they are merged first, so that none covers less than that. */
  release(finestMs: number): Promise<void> {
    const { spool } = this.#ports;
    return this.#inTurn(async () => {
      if (spool.heldCount("windows") === 0) return;
      await this.#merge(finestMs);
      await spool.release("windows");
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
        .map((lane) => `${spool.extent(lane).next - spool.extent(lane).first + spool.heldCount(lane)} of ${lane}`)
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

  async #store(lane: Lane, record: Uint8Array): Promise<void> {
    const { spool, isTaken } = this.#ports;
    if (lane !== "windows" || isTaken(lane)) return void (await spool.append(lane, record));
    await spool.hold(lane, record);
    if (spool.heldCount(lane) >= this.#mergeAt) await this.#merge(0);
  }

  /** What could not be merged this time is merged later: nothing is lost by that but room. */
  async #merge(finestMs: number): Promise<void> {
    const { spool, clock, log } = this.#ports;
    try {
      const now = clock.now();
      const held = await spool.held("windows");
      const records = held.map((bytes, i) => decodeSpoolRecord({ seq: i + 1, bytes }, now));
      const kept = thinned(records, now, finestMs);
      // What was not merged stays byte for byte, and what cannot be read too: it gets its tombstone with its number.
      const unchanged = new Map(records.map((record, i) => [record, held[i]]));
      if (kept.length < records.length)
        await spool.replaceHeld(
          "windows",
          kept.map((record) => unchanged.get(record) ?? encodeSpoolRecord("windows", record.timeMs, record.body)),
        );
    } catch (error) {
      log.warn({ error: String(error) }, "windows that wait could not be merged");
    }
    this.#mergeAt = spool.heldCount("windows") + heldBetweenMerges;
  }

  async #cutTo(quotaBytes: number, reason: string): Promise<void> {
    const { spool, clock, log } = this.#ports;
    if (this.#bytes() > quotaBytes && spool.heldCount("windows") > 0) {
      await this.#merge(0);
      // What has no number cannot be dropped and accounted for.
      if (this.#bytes() > quotaBytes) await spool.release("windows");
    }
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
