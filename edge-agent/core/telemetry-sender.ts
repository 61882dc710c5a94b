import { limits } from "../../proto/limits.ts";
import type { Ack } from "../../proto/messages.ts";
import type { Lane } from "../../proto/telemetry-messages.ts";
import { forEachLane, lanes } from "../../proto/telemetry-messages.ts";
import { hours, seconds } from "../../proto/units.ts";
import type { Clock, Connection, Logger, Spool } from "./ports.ts";
import { decodeSpooledRun } from "./spool-record.ts";
import { Wakeup } from "./wakeup.ts";

export interface SenderPorts {
  readonly spool: Spool;
  readonly clock: Clock;
  readonly log: Logger;
  /** The epoch of the spool is somebody else's too: begins another. */
  readonly onOvertaken: (reason: string) => Promise<void>;
  /** Gives numbers to the windows that wait; none is to cover less than `finestMs`. */
  readonly release: (finestMs: number) => Promise<void>;
}

/** A batch and its records' own framing must stay below the largest packet; one record alone may be as large as a batch. */
const readBytes = limits.batchBytes - 1_024;

export const defaultAckTimeoutMs = seconds(30);

/** A control plane cannot keep a device silent for longer. */
const longestIntervalMs = hours(1);

/**
 * Sends what is in the spool over one connection. Only the control plane's acknowledgement, given after its commit, deletes a
 * record: the broker's PUBACK proves nothing. A new connection starts at the oldest record that is left, so nothing is lost with
 * an old one; what the control plane has already it acknowledges and drops.
 */
export class TelemetrySender {
  readonly #ports: SenderPorts;
  readonly #connection: Connection;
  readonly #ackTimeoutMs: number;
  readonly #lanes: Readonly<Record<Lane, LaneSender>>;

  constructor(ports: SenderPorts, connection: Connection, ackTimeoutMs: number) {
    this.#ports = ports;
    this.#connection = connection;
    this.#ackTimeoutMs = ackTimeoutMs;
    this.#lanes = forEachLane((lane) => new LaneSender(ports, lane, () => lane !== lowest || this.#areOthersSent()));
  }

  /** There may be something to send. */
  wake(): void {
    for (const lane of lanes) this.#lanes[lane].wakeup.wake();
  }

  /** Whether what is appended to the lane now is sent at once. */
  isTaking(lane: Lane): boolean {
    return this.#lanes[lane].isTaking;
  }

  async acknowledge(ack: Ack): Promise<void> {
    const { spool } = this.#ports;
    // An acknowledgement of an earlier life of the spool deletes nothing.
    if (ack.epoch !== spool.epoch) return;
    const { next } = spool.extent(ack.lane);
    const overtaken = overtakenBy(ack, next);
    if (overtaken !== undefined) {
      await this.#ports.onOvertaken(overtaken);
      for (const lane of lanes) this.#lanes[lane].startAgain();
      return this.wake();
    }
    await spool.trim(ack.lane, ack.through);
    this.#lanes[ack.lane].acknowledged(ack);
    this.#lanes[lowest].wakeup.wake();
  }

  #areOthersSent(): boolean {
    return lanes.every((lane) => lane === lowest || !this.#lanes[lane].hasUnsent);
  }

  /** Runs until `signal` is aborted or the connection is lost; rejects then. */
  async run(signal: AbortSignal): Promise<never> {
    return await Promise.race(lanes.map((lane) => this.#lanes[lane].run(this.#connection, this.#ackTimeoutMs, signal)));
  }
}

/** Goes only when everything else is on its way or there. */
const lowest: Lane = "logs";

/** What an acknowledgement says that only another spool of this epoch can have caused; `next` is the next number to be given. */
function overtakenBy({ lane, through, conflict }: Ack, next: number): string | undefined {
  if (through >= next)
    return `the control plane has ${lane} up to ${through} of this spool, which has written ${next - 1}: its disk was copied, or set back to an older copy`;
  if (conflict)
    return `the control plane has other ${lane} under the numbers of this spool: another disk is a copy of this one`;
  return undefined;
}

class LaneSender {
  readonly wakeup = new Wakeup();
  readonly #ports: SenderPorts;
  readonly #lane: Lane;
  readonly #mayGo: () => boolean;
  /** Last sequence number of each batch on its way, ascending. */
  #inFlight: readonly number[] = [];
  #nextSeq = 0;
  #lastProgressAt = 0;
  #minIntervalMs = 0;
  #lastSentAt = Number.NEGATIVE_INFINITY;

  constructor(ports: SenderPorts, lane: Lane, mayGo: () => boolean) {
    this.#ports = ports;
    this.#lane = lane;
    this.#mayGo = mayGo;
  }

  get hasUnsent(): boolean {
    const { first, next } = this.#ports.spool.extent(this.#lane);
    return Math.max(this.#nextSeq, first) < next;
  }

  /** From the oldest record that is left, as over a new connection. */
  startAgain(): void {
    this.#inFlight = [];
    this.#nextSeq = 0;
  }

  get isTaking(): boolean {
    return this.#waitMs() <= 0 && this.#inFlight.length < limits.batchesInFlight;
  }

  /** Until the next batch may go: the control plane says how often it wants one. */
  #waitMs(): number {
    return this.#lastSentAt + this.#minIntervalMs - this.#ports.clock.monotonic();
  }

  acknowledged({ through, rewind, minIntervalMs = 0 }: Ack): void {
    this.#minIntervalMs = Math.min(minIntervalMs, longestIntervalMs);
    this.#lastProgressAt = this.#ports.clock.monotonic();
    this.#inFlight = rewind ? [] : this.#inFlight.filter((last) => last > through);
    this.#nextSeq = rewind ? through + 1 : Math.max(this.#nextSeq, through + 1);
    this.wakeup.wake();
  }

  async run(connection: Connection, ackTimeoutMs: number, signal: AbortSignal): Promise<never> {
    const { clock } = this.#ports;
    for (;;) {
      while (this.#inFlight.length < limits.batchesInFlight && this.#mayGo())
        if (!(await this.#sendNext(connection, signal))) break;
      const silentFor = clock.monotonic() - this.#lastProgressAt;
      if (this.#inFlight.length > 0 && silentFor >= ackTimeoutMs) {
        // The batches or their acknowledgements got lost without the connection.
        this.startAgain();
        continue;
      }
      const waitMs = this.#inFlight.length > 0 ? ackTimeoutMs - silentFor : ackTimeoutMs;
      const pauseMs = this.#waitMs();
      await this.wakeup.sleep(pauseMs > 0 ? Math.min(waitMs, pauseMs) : waitMs, clock, signal);
    }
  }

  /** False when there is nothing to send. */
  async #sendNext(connection: Connection, signal: AbortSignal): Promise<boolean> {
    const { spool, clock, release } = this.#ports;
    if (this.#waitMs() > 0) return false;
    const { epoch } = spool;
    const nextSeq = this.#nextSeq;
    // The backlog goes first: what waits gets coarser meanwhile.
    if (
      spool.heldCount(this.#lane) > 0 &&
      Math.max(nextSeq, spool.extent(this.#lane).first) >= spool.extent(this.#lane).next
    )
      await release(this.#minIntervalMs);
    const { first, next } = spool.extent(this.#lane);
    const from = Math.max(nextSeq, first);
    if (from >= next) return false;
    const spooled = await spool.read(this.#lane, from, readBytes, limits.recordsPerBatch);
    // An acknowledgement came meanwhile, and what it asks for must not be forgotten over this batch.
    if (this.#nextSeq !== nextSeq) return true;
    if (spool.epoch !== epoch) {
      this.startAgain();
      return true;
    }
    const last = spooled.at(-1);
    if (last === undefined) return false;
    const startsAtOldest = spooled[0]?.seq === spool.extent(this.#lane).first;
    const records = decodeSpooledRun(spooled, clock.now());
    if (this.#inFlight.length === 0) this.#lastProgressAt = clock.monotonic();
    this.#inFlight = [...this.#inFlight, last.seq];
    this.#nextSeq = last.seq + 1;
    this.#lastSentAt = clock.monotonic();
    await connection.publish(
      { kind: "telemetry", lane: this.#lane, epoch, records, ...(startsAtOldest && { startsAtOldest }) },
      signal,
    );
    return true;
  }
}
