import type { Spool } from "../../edge-agent/core/ports.ts";
import { decodeSpoolRecord } from "../../edge-agent/core/spool-record.ts";
import { laneRules } from "../../edge-agent/core/spool-rules.ts";
import { encodeDeviceMessage } from "../../proto/codec.ts";
import { lanes } from "../../proto/telemetry-messages.ts";
import type { Lane } from "../../proto/telemetry-messages.ts";

/** What one disk was given under one number. */
interface Appended {
  /** As the control plane stores it. */
  readonly payload: string;
  /** After this moment no power cut may take it back; in it the disk is at work. */
  durableAt: number;
  /** A tombstone of this disk stands for it, its epoch was given up and that was told, or a power cut may have torn it. */
  excused: boolean;
}

/** Held windows that are being replaced by their sums: the disk has one or the other. */
interface Merge {
  readonly lane: Lane;
  readonly epoch: string;
  readonly from: number;
  readonly payloads: readonly string[];
  /** Torn by a power cut before: these get a tombstone. */
  readonly unreadable: readonly boolean[];
}

/** Everything that a disk was ever given and must answer for. By `<lane> <epoch>` and sequence number. */
export class AppendedRecords {
  readonly lanes = new Map<string, Map<number, Appended>>();
  readonly broken: string[] = [];
  #merge: Merge | undefined;

  /** A disk that is a copy of another one answers for what that one had. */
  copy(): AppendedRecords {
    const copy = new AppendedRecords();
    for (const [key, records] of this.lanes)
      copy.lanes.set(key, new Map([...records].map(([seq, record]) => [seq, { ...record }])));
    copy.#merge = this.#merge;
    return copy;
  }

  /** The spool, watched. */
  watch(spool: Spool, now: () => number): Spool {
    // The log writes one record after the other: this is the number that it will get.
    const nextOf = (lane: Lane) => spool.extent(lane).next + spool.heldCount(lane);
    return {
      get epoch() {
        return spool.epoch;
      },
      wasReset: spool.wasReset,
      append: async (lane, bytes) => {
        const seq = nextOf(lane);
        const appended: Appended = {
          payload: payloadOf(lane, spool.epoch, seq, bytes),
          durableAt: Number.POSITIVE_INFINITY,
          excused: false,
        };
        const records = this.#records(lane, spool.epoch);
        records.set(seq, appended);
        try {
          const given = await spool.append(lane, bytes);
          if (given !== seq) this.broken.push(`${lane} ${seq} got the number ${given}`);
          appended.durableAt = now() + laneRules[lane].syncDelayMs;
          return given;
        } catch (error) {
          // Whoever wanted to write it is told.
          records.delete(seq);
          throw error;
        }
      },
      hold: async (lane, bytes) => {
        const seq = nextOf(lane);
        const payload = payloadOf(lane, spool.epoch, seq, bytes);
        const appended: Appended = { payload, durableAt: Number.POSITIVE_INFINITY, excused: false };
        const records = this.#records(lane, spool.epoch);
        records.set(seq, appended);
        try {
          await spool.hold(lane, bytes);
          appended.durableAt = now() + laneRules[lane].syncDelayMs;
        } catch (error) {
          records.delete(seq);
          throw error;
        }
      },
      held: (lane) => spool.held(lane),
      heldCount: (lane) => spool.heldCount(lane),
      replaceHeld: async (lane, records) => {
        const { next: from } = spool.extent(lane);
        const before = await spool.held(lane);
        if (inferencesIn(before) !== inferencesIn(records))
          this.broken.push(`${inferencesIn(before)} inferences became ${inferencesIn(records)} in a merge`);
        const payloads = records.map((bytes, i) => payloadOf(lane, spool.epoch, from + i, bytes));
        const unreadable = records.map(({ length }) => length === 0);
        this.#merge = { lane, epoch: spool.epoch, from, payloads, unreadable };
        try {
          await spool.replaceHeld(lane, records);
          this.#hasMerged(now());
        } finally {
          this.#merge = undefined;
        }
      },
      release: (lane) => spool.release(lane),
      read: (lane, from, maxBytes, maxRecords) => spool.read(lane, from, maxBytes, maxRecords),
      trim: (lane, through) => spool.trim(lane, through),
      extent: (lane) => spool.extent(lane),
      replaceOldest: async (lane, through, bytes) => {
        for (const [seq, record] of this.#records(lane, spool.epoch)) if (seq <= through) record.excused = true;
        await spool.replaceOldest(lane, through, bytes);
      },
      renew: async (bytes) => {
        const before = spool.epoch;
        await spool.renew(bytes);
        for (const lane of lanes) for (const record of this.#records(lane, before).values()) record.excused = true;
        this.#records("lifecycle", spool.epoch).set(1, {
          payload: payloadOf("lifecycle", spool.epoch, 1, bytes),
          durableAt: now(),
          excused: false,
        });
      },
    };
  }

  /** The power was back, and `spool` was opened: what it no longer has must not have been durable at `diedAt`. */
  async reopened(spool: Spool, diedAt: number, how: "killed" | "power-cut"): Promise<void> {
    await this.#decideMerge(spool);
    for (const lane of lanes) {
      const next = spool.extent(lane).next + spool.heldCount(lane);
      const records = this.#records(lane, spool.epoch);
      for (const [seq, record] of records) {
        const isDurable = how === "killed" ? record.durableAt !== Number.POSITIVE_INFINITY : record.durableAt < diedAt;
        if (!isDurable && how === "power-cut") record.excused = true;
        if (seq < next) continue;
        if (isDurable) this.broken.push(`${lane} ${seq} of ${spool.epoch} was durable, and is lost`);
        records.delete(seq);
      }
    }
  }

  /** Whether the merge in which the power went has happened. */
  async #decideMerge(spool: Spool): Promise<void> {
    if (this.#merge !== undefined && this.#merge.epoch === spool.epoch) {
      const { lane, from, payloads } = this.#merge;
      const held = (await spool.held(lane)).map((bytes, i) => payloadOf(lane, spool.epoch, from + i, bytes));
      if (held.length === payloads.length && held.every((payload, i) => payload === payloads[i])) this.#hasMerged(-1);
    }
    this.#merge = undefined;
  }

  #hasMerged(durableAt: number): void {
    if (this.#merge === undefined) return;
    const { lane, epoch, from, payloads, unreadable } = this.#merge;
    const records = this.#records(lane, epoch);
    for (const seq of records.keys()) if (seq >= from) records.delete(seq);
    for (const [i, payload] of payloads.entries())
      records.set(from + i, { payload, durableAt, excused: unreadable[i] === true });
  }

  #records(lane: Lane, epoch: string): Map<number, Appended> {
    const key = `${lane} ${epoch}`;
    const records = this.lanes.get(key) ?? new Map<number, Appended>();
    this.lanes.set(key, records);
    return records;
  }
}

function inferencesIn(records: readonly Uint8Array[]): number {
  return records
    .map((bytes) => decodeSpoolRecord({ seq: 1, bytes }, 0).body)
    .reduce((sum, body) => sum + (body.kind === "window" ? body.inferences : 0), 0);
}

function payloadOf(lane: Lane, epoch: string, seq: number, bytes: Uint8Array): string {
  const record = decodeSpoolRecord({ seq, bytes }, 0);
  return Buffer.from(encodeDeviceMessage({ kind: "telemetry", lane, epoch, records: [record] })).toString("base64");
}
