import type { AgentState } from "../../edge-agent/core/agent-state.ts";
import { minutes } from "../../proto/units.ts";
import { forEachLane, lanes } from "../../proto/telemetry-messages.ts";
import type { SignedStatement } from "../../proto/assignment-messages.ts";
import type { Lane, TelemetryRecord } from "../../proto/telemetry-messages.ts";
import type { Digest } from "../../proto/ids.ts";

/** Something that the world outside the disk was told or has seen, after so many operations on the disk. */
export type Note = { readonly after: number; readonly at: number } & Told;

export type Told =
  /** `isStopping`: the agent was asked to end. */
  | { readonly kind: "saving"; readonly state: string; readonly isStopping: boolean }
  | { readonly kind: "saved"; readonly state: string }
  | { readonly kind: "spool-opened"; readonly epoch: string; readonly next: Readonly<Record<Lane, number>> }
  | {
      readonly kind: "appended";
      readonly lane: Lane;
      readonly seq: number;
      readonly bytes: Uint8Array;
      readonly durableAt: number;
    }
  | { readonly kind: "replaced"; readonly lane: Lane; readonly through: number }
  | { readonly kind: "merging"; readonly lane: Lane; readonly from: number }
  | { readonly kind: "worker-started"; readonly file: Digest }
  | {
      readonly kind: "received";
      readonly lane: Lane;
      readonly epoch: string;
      readonly records: readonly TelemetryRecord[];
    }
  | { readonly kind: "assigned"; readonly statement: SignedStatement };

/** What the disk must still keep, and what the control plane knows. */
export interface Promises {
  /** As JSON; undefined: nothing was ever saved. */
  readonly saved: string | undefined;
  /** States whose save had begun: the disk may hold one of them instead. */
  readonly saving: readonly string[];
  readonly epoch: string | undefined;
  readonly records: Readonly<Record<Lane, ReadonlyMap<number, SpoolPromise>>>;
  /** How often a worker was started for each file. */
  readonly starts: ReadonlyMap<Digest, number>;
  /** Trials whose attempts were taken from the count before they had been well for long enough. */
  readonly forgivenEarly: readonly string[];
  /** By `<lane> <epoch>`. */
  readonly received: ReadonlyMap<string, readonly TelemetryRecord[]>;
  readonly statement: SignedStatement | undefined;
  /** Assignments that were made so far. */
  readonly generation: number;
}

export interface SpoolPromise {
  readonly bytes: Uint8Array;
  /** From this moment on a power cut must not take it back. */
  readonly durableAt: number;
}

export const noPromises: Promises = {
  saved: undefined,
  saving: [],
  epoch: undefined,
  records: forEachLane(() => new Map<number, SpoolPromise>()),
  starts: new Map(),
  forgivenEarly: [],
  received: new Map(),
  statement: undefined,
  generation: 0,
};

/** `before` and the notes of the first `cut` operations. */
export function promisesAt(before: Promises, notes: readonly Note[], cut: number): Promises {
  let { saved, saving, epoch, statement, generation } = before;
  const records = forEachLane((lane) => new Map(before.records[lane]));
  const starts = new Map(before.starts);
  const received = new Map(before.received);
  const forgivenEarly = [...before.forgivenEarly];
  /** Of each file in this life. */
  const startedAt = new Map<Digest, number>();
  for (const note of notes) {
    if (note.after > cut) break;
    switch (note.kind) {
      case "saving":
        saving = [...saving, note.state];
        if (!note.isStopping) forgivenEarly.push(...uncountedTrials(note, startedAt));
        break;
      case "saved":
        saved = note.state;
        saving = [];
        break;
      case "spool-opened":
        for (const lane of lanes)
          for (const [seq, { bytes }] of records[lane])
            // What an earlier life could not keep is gone, and was allowed to; what was read back now stays.
            if (epoch !== note.epoch || seq >= note.next[lane]) records[lane].delete(seq);
            else records[lane].set(seq, { bytes, durableAt: -1 });
        epoch = note.epoch;
        break;
      case "appended":
        records[note.lane].set(note.seq, note);
        break;
      case "replaced":
        for (const seq of records[note.lane].keys()) if (seq <= note.through) records[note.lane].delete(seq);
        break;
      case "merging":
        for (const seq of records[note.lane].keys()) if (seq >= note.from) records[note.lane].delete(seq);
        break;
      case "worker-started":
        starts.set(note.file, 1 + (starts.get(note.file) ?? 0));
        startedAt.set(note.file, note.at);
        break;
      case "received": {
        const key = `${note.lane} ${note.epoch}`;
        received.set(key, [...(received.get(key) ?? []), ...note.records]);
        break;
      }
      case "assigned":
        statement = note.statement;
        generation++;
    }
  }
  return { saved, saving, epoch, records, starts, forgivenEarly, received, statement, generation };
}

/** A model that takes the device down does so soon: until two minutes after its start a trial counts. */
function uncountedTrials(
  { state, at }: Extract<Note, { kind: "saving" }>,
  startedAt: ReadonlyMap<Digest, number>,
): readonly string[] {
  const { models } = JSON.parse(state) as AgentState;
  return models.flatMap(({ candidate }) => {
    if (candidate?.stage.kind !== "trial" || candidate.stage.attempt > 0) return [];
    const ms = at - (startedAt.get(candidate.stage.slot.file) ?? at);
    return ms < minutes(2) ? [`a trial is not counted ${ms} ms after the start of its worker`] : [];
  });
}

/** The highest sequence number that the control plane has of each lane of the spool's present life. */
export function acknowledgedIn({ received, epoch }: Promises): Readonly<Record<Lane, number>> {
  const through = (lane: Lane) => received.get(`${lane} ${epoch ?? ""}`)?.at(-1)?.seq ?? 0;
  return Object.fromEntries(lanes.map((lane) => [lane, through(lane)])) as Record<Lane, number>;
}
