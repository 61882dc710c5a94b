import type { DeviceId } from "../../proto/ids.ts";
import type { Labels } from "../domain/device.ts";
import type { DriftMonitorState } from "../domain/drift/drift-monitor.ts";
import { observeWindow, quietMonitor } from "../domain/drift/drift-monitor.ts";
import type { DriftPolicy } from "../domain/drift/drift-policy.ts";
import { defaultDriftPolicy } from "../domain/drift/drift-policy.ts";
import { scopeKey, scopeName } from "../domain/drift/drift-scope.ts";
import { describeDeclared } from "../domain/declared-values.ts";
import { describeCause } from "../domain/drift/name-cause.ts";
import type { ScopedScore } from "../domain/drift/score-scopes.ts";
import { scoreScopes } from "../domain/drift/score-scopes.ts";
import type { ModelVersionRecord } from "../domain/model-version.ts";
import type { DriftGathering } from "./drift-gathering.ts";
import { createDriftGathering } from "./drift-gathering.ts";
import { partsOfStream } from "./drift-parts.ts";
import type { Clock, Ids, Logger } from "./ports.ts";
import type { Database, Stores } from "./stores.ts";
import type { AlertQuery, DriftAlertRecord, ReceivedWindow } from "./telemetry-stores.ts";

/**
 * Looks at what was committed since the last look, holds every stream of every model version in use against its packaged reference,
 * at every scope, and follows each with a monitor. Alerts name the scope that explains the drift, not every device of it.
 */
export interface DriftWatch {
  /** Looks every `windowMs` until the signal; a look that fails is logged, and its windows are looked at with the next. */
  run(signal: AbortSignal): Promise<void>;
  /** One look at everything that was received before `nowMs`. */
  look(nowMs: number, signal: AbortSignal): Promise<void>;
  /** Each stream at each scope as it was judged last. */
  current(): Promise<readonly DriftRow[]>;
  /** The newest first. */
  alerts(query?: AlertQuery): Promise<readonly DriftAlertRecord[]>;
  countOpenAlerts(): Promise<number>;
}

export interface DriftRow {
  readonly model: ModelVersionRecord["model"];
  readonly version: ModelVersionRecord["version"];
  readonly scopeKind: DriftAlertRecord["scopeKind"];
  readonly scope: string;
  readonly stream: string;
  readonly samples: number;
  readonly psi: number;
  readonly psiExcess: number;
  readonly jensenShannon: number;
  readonly ks: { readonly low: number; readonly high: number } | undefined;
  /** Shares of the samples, and of all rows for the last. Absent in rows judged by a control plane that did not know them. */
  readonly farOutsideShare?: number;
  readonly stuckShare?: number;
  readonly notFiniteShare?: number;
  readonly state: DriftMonitorState["kind"];
  readonly reason: string;
  readonly judgedAtMs: number;
}

export interface DriftWatchOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  readonly windowMs: number;
  readonly policy?: DriftPolicy;
}

/** One monitor with what is needed to go on after a restart. */
interface Watched {
  readonly monitor: DriftMonitorState;
  readonly row: DriftRow;
  readonly alert: string | undefined;
}

interface Progress {
  readonly lookedUntilMs: number;
}

/** Records of one instant may be committed a moment later: windows are looked at when they are this old. */
const settlingMs = 1_000;
const progressKey = "progress";
/** After a long stop only the recent past is looked at: what is older says little about today. */
const longestLookBack = 12;

export function createDriftWatch(options: DriftWatchOptions): DriftWatch {
  const { database, clock, ids, log, windowMs } = options;
  const policy = options.policy ?? defaultDriftPolicy;
  const gatherings = new Map<string, DriftGathering>();
  let watched: Map<string, Watched> | undefined;
  let lookedUntilMs = 0;

  async function load(): Promise<Map<string, Watched>> {
    if (watched !== undefined) return watched;
    const loaded = new Map<string, Watched>();
    for (const { stream, state } of await database.drift.load())
      if (stream === progressKey) lookedUntilMs = (state as Progress).lookedUntilMs;
      else loaded.set(stream, state as Watched);
    watched = loaded;
    return loaded;
  }

  async function look(nowMs: number, signal: AbortSignal): Promise<void> {
    const before = await load();
    const fromMs = Math.max(lookedUntilMs, nowMs - longestLookBack * windowMs);
    if (fromMs >= nowMs) return;
    const windows = await database.telemetry.windowsBetween(fromMs, nowMs);
    const devices = await database.devices.list();
    const labels = new Map<DeviceId, Labels>(devices.map((device) => [device.id, device.labels]));
    const changes = new Map<string, { readonly before: Watched | undefined; readonly after: Observed }>();
    for (const [record, ofVersion] of await byVersion(windows)) {
      for (const [index, reference] of record.manifest.reference.streams.entries()) {
        const parts = partsOfStream(ofVersion, index, reference, labels);
        const streamKey = `${record.model}@${record.version} ${reference.name}`;
        const declared = describeDeclared(record.manifest.features[index] ?? {});
        const gathering = gatherings.get(streamKey) ?? createDriftGathering();
        gatherings.set(streamKey, gathering);
        gathering.add(parts);
        for (const ripe of gathering.takeRipe(policy.minSamples, reference.counts.length)) {
          const { cause, scores } = scoreScopes(ripe.parts, reference, policy);
          const explanation = [
            ...(declared === undefined ? [] : [`; the model declares: ${declared}`]),
            ...(cause === undefined ? [] : [`; explained by ${describeCause(cause)}`]),
          ].join("");
          for (const scored of scores.filter(({ scope }) => ripe.scopes.has(scope.kind))) {
            const key = `${streamKey} ${scopeKey(scored.scope)}`;
            const known = before.get(key);
            changes.set(key, { before: known, after: observe(known, record, scored, nowMs, explanation) });
          }
        }
        // Thousands of devices take a while: others must get their turn between two streams.
        await clock.sleep(0, signal);
      }
    }
    const running = new Set(
      devices.flatMap(
        ({ reported }) =>
          reported?.models.flatMap(({ active, candidate, phase }) => [
            active?.package,
            phase === "shadow" ? undefined : candidate?.package,
          ]) ?? [],
      ),
    );
    await database.transaction(async (stores, afterCommit) => {
      const saved: { stream: string; state: unknown }[] = [
        { stream: progressKey, state: { lookedUntilMs: nowMs } satisfies Progress },
      ];
      for (const [key, change] of changes) {
        await tell(stores, change.after);
        if (isKept(change.before) || isKept(change.after.watched))
          saved.push({ stream: key, state: change.after.watched });
      }
      for (const [key, ended] of await endOfUnused(stores, before, running, nowMs)) {
        saved.push({ stream: key, state: ended });
        afterCommit(() => void before.set(key, ended));
      }
      await stores.drift.save(saved);
      afterCommit(() => {
        lookedUntilMs = nowMs;
        for (const [key, { after }] of changes) before.set(key, after.watched);
      });
    });
  }

  interface Observed {
    readonly watched: Watched;
    readonly opened: DriftAlertRecord | undefined;
    readonly closed: { readonly id: string; readonly atMs: number; readonly reason: string } | undefined;
  }

  function observe(
    known: Watched | undefined,
    record: ModelVersionRecord,
    { scope, score }: ScopedScore,
    nowMs: number,
    explanation: string,
  ): Observed {
    const { state, judgement, alert } = observeWindow(known?.monitor ?? quietMonitor, score, policy, nowMs);
    const opened: DriftAlertRecord | undefined =
      alert?.kind === "opened"
        ? {
            id: ids.next("drift"),
            model: record.model,
            version: record.version,
            scope: scopeName(scope),
            scopeKind: scope.kind,
            stream: score.stream,
            openedAtMs: nowMs,
            closedAtMs: undefined,
            reason: alert.reason + explanation,
            score: score.psiExcess,
          }
        : undefined;
    const closed =
      alert?.kind === "closed" && known?.alert !== undefined
        ? { id: known.alert, atMs: nowMs, reason: alert.reason }
        : undefined;
    const row: DriftRow = {
      model: record.model,
      version: record.version,
      scopeKind: scope.kind,
      scope: scopeName(scope),
      stream: score.stream,
      samples: score.samples,
      psi: score.psi,
      psiExcess: score.psiExcess,
      jensenShannon: score.jensenShannon,
      ks: score.ks && { low: score.ks.low, high: score.ks.high },
      farOutsideShare: score.farOutsideShare,
      stuckShare: score.stuckShare,
      notFiniteShare: score.notFiniteShare,
      state: state.kind,
      reason: judgement.reason,
      judgedAtMs: nowMs,
    };
    const alertId = opened?.id ?? (closed === undefined ? known?.alert : undefined);
    return { watched: { monitor: state, row, alert: alertId }, opened, closed };
  }

  async function tell(stores: Stores, { opened, closed, watched: { row } }: Observed): Promise<void> {
    const about = `${row.model}@${row.version}, ${row.scope}`;
    if (opened !== undefined) {
      await stores.drift.addAlert(opened);
      await addEvent(stores, "drift.opened", opened.openedAtMs, row, `${about}: ${opened.reason}`);
    }
    if (closed !== undefined) {
      await stores.drift.closeAlert(closed.id, closed.atMs, closed.reason);
      await addEvent(stores, "drift.closed", closed.atMs, row, `${about}: ${closed.reason}`);
    }
  }

  /** The versions are few and known; windows of a package that is not in the catalogue are nobody's. */
  async function byVersion(windows: readonly ReceivedWindow[]) {
    const versions = new Map((await database.models.list()).map((record) => [record.package, record]));
    const grouped = new Map<ModelVersionRecord, ReceivedWindow[]>();
    for (const received of windows) {
      const record = versions.get(received.window.package);
      if (record === undefined) continue;
      const known = grouped.get(record);
      if (known === undefined) grouped.set(record, [received]);
      else known.push(received);
    }
    return grouped;
  }

  /** No device runs the version any more, so no window will ever close its alerts. */
  async function endOfUnused(
    stores: Stores,
    known: ReadonlyMap<string, Watched>,
    running: ReadonlySet<string | undefined>,
    nowMs: number,
  ): Promise<readonly (readonly [string, Watched])[]> {
    const ended: (readonly [string, Watched])[] = [];
    for (const [key, { row, alert }] of known) {
      if (alert === undefined) continue;
      const record = await stores.models.get(row.model, row.version);
      if (record !== undefined && running.has(record.package)) continue;
      const reason = `no device runs ${row.model}@${row.version} any more`;
      await stores.drift.closeAlert(alert, nowMs, reason);
      await addEvent(stores, "drift.closed", nowMs, row, `${row.model}@${row.version}, ${row.scope}: ${reason}`);
      ended.push([key, { monitor: quietMonitor, row: { ...row, state: "quiet", reason }, alert: undefined }]);
    }
    return ended;
  }

  return {
    async look(nowMs, signal) {
      try {
        await look(nowMs, signal);
      } catch (error) {
        // The next look takes the same windows again, and must not count them twice.
        gatherings.clear();
        throw error;
      }
    },
    async run(signal) {
      await load();
      if (lookedUntilMs === 0) lookedUntilMs = clock.now();
      while (!signal.aborted) {
        try {
          await clock.sleep(windowMs, signal);
          await this.look(clock.now() - settlingMs, signal);
        } catch (error) {
          if (!signal.aborted)
            log.error({ err: error }, "drift could not be judged; the next look takes these windows too");
        }
      }
    },
    current: async () => [...(await load()).values()].map(({ row }) => row),
    alerts: (query) => database.drift.alerts(query),
    countOpenAlerts: () => database.drift.countOpenAlerts(),
  };
}

/** A quiet device is not worth a row: thousands of them would be written at every look. Until it is judged again it is forgotten. */
function isKept(watched: Watched | undefined): boolean {
  return watched !== undefined && (watched.row.scopeKind !== "device" || watched.monitor.kind !== "quiet");
}

async function addEvent(stores: Stores, kind: string, atMs: number, row: DriftRow, text: string): Promise<void> {
  const device = row.scopeKind === "device" ? (row.scope as DeviceId) : undefined;
  await stores.events.add({ atMs, kind, device, rollout: undefined, text });
}
