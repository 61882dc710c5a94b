import type { DeviceId, ModelName, ModelVersion } from "../../proto/ids.ts";
import { stableHash } from "../../proto/ids.ts";
import type { Labels } from "../domain/device.ts";
import { scopeKey, scopeName } from "../domain/drift/drift-scope.ts";
import type { ModelUse, UsePolicy } from "../domain/model-use.ts";
import { allowedGap, defaultUsePolicy, observeUse, silenceStream, unusedYet } from "../domain/model-use.ts";
import { duration } from "../domain/rollout/format-figure.ts";
import type { SilentScope } from "../domain/silent-scopes.ts";
import { silentScopes } from "../domain/silent-scopes.ts";
import type { Clock, Ids, Logger } from "./ports.ts";
import type { Database, Stores } from "./stores.ts";
import type { DriftAlertRecord, StoredModelUse } from "./telemetry-stores.ts";

/**
 * Notices models that nobody asks any more on devices where they were asked before. An alert names the largest group that went
 * silent as a whole, and closes when its devices are asked again. It stands among those of drift, under the stream `inferences`.
 */
export interface UseWatch {
  /** Windows with inferences that were committed. */
  heard(uses: readonly HeardUse[]): void;
  look(nowMs: number): Promise<void>;
  /** Looks every `windowMs` until the signal; a look that fails is logged, and the next one takes its place. */
  run(signal: AbortSignal): Promise<void>;
}

export interface HeardUse {
  readonly device: DeviceId;
  readonly model: ModelName;
}

export interface UseWatchOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  readonly windowMs: number;
  readonly policy?: UsePolicy;
}

/** Each is saved at every twelfth look, some at each: thousands of rows at once would hold up others, and what a crash forgets is little. */
const savedEveryLooks = 12;
/** Longer between two looks means that this process was away, and could not hear. */
const longestElapsedLooks = 2;

interface Used {
  readonly device: DeviceId;
  readonly labels: Labels;
  readonly version: ModelVersion;
  readonly use: ModelUse;
}

export function createUseWatch(options: UseWatchOptions): UseWatch {
  const { database, clock, ids, log, windowMs, policy = defaultUsePolicy } = options;
  const heard = new Set<string>();
  let uses: Map<string, StoredModelUse> | undefined;
  let lookedAtMs: number | undefined;
  let looks = 0;

  async function load(): Promise<Map<string, StoredModelUse>> {
    uses ??= new Map((await database.uses.load()).map((known) => [keyOf(known.device, known.model), known]));
    return uses;
  }

  async function look(nowMs: number): Promise<void> {
    const before = await load();
    const elapsedMs = Math.max(0, Math.min(longestElapsedLooks * windowMs, nowMs - (lookedAtMs ?? nowMs)));
    lookedAtMs = nowMs;
    looks += 1;
    const now = new Set(heard);
    heard.clear();
    const byModel = new Map<ModelName, Used[]>();
    const changed: StoredModelUse[] = [];
    const present = new Set<string>();
    for (const { id: device, labels, presence, revokedAtMs, reported } of await database.devices.list()) {
      if (revokedAtMs !== undefined) continue;
      for (const { model, active } of reported?.models ?? []) {
        if (active === undefined) continue;
        const key = keyOf(device, model);
        present.add(key);
        const known = before.get(key)?.use ?? unusedYet;
        const use = observeUse(known, { isUsed: now.has(key), isThere: presence.kind === "online", elapsedMs }, policy);
        before.set(key, { device, model, use });
        const isDue = (stableHash(key) + looks) % savedEveryLooks === 0;
        if (isDue || (known.state === "silent") !== (use.state === "silent")) changed.push({ device, model, use });
        if (use.state === "learning" || (use.state === "known" && presence.kind !== "online")) continue;
        const ofModel = byModel.get(model) ?? [];
        byModel.set(model, ofModel);
        ofModel.push({ device, labels, version: active.version, use });
      }
    }
    // What a device does not report any more is forgotten: the names of models are the device's own, and it may always think of others.
    const gone = [...before].filter(([key]) => !present.has(key));
    await database.transaction(async (stores) => {
      await stores.uses.save(changed);
      await stores.uses.remove(gone.map(([, use]) => use));
      await tell(stores, byModel, nowMs);
    });
    for (const [key] of gone) before.delete(key);
  }

  async function tell(stores: Stores, byModel: ReadonlyMap<ModelName, readonly Used[]>, nowMs: number): Promise<void> {
    const judged = new Map([...byModel].map(([model, used]) => [model, judge(used)]));
    const open = await stores.drift.openAlertsOf(silenceStream);
    for (const alert of open) {
      const reason = endOf(alert, judged.get(alert.model) ?? judge([]));
      if (reason === undefined) continue;
      await stores.drift.closeAlert(alert.id, nowMs, reason);
      await addEvent(stores, "model.heard", alert, nowMs, reason);
    }
    const told = new Set(open.map(alertKey));
    for (const [model, { scopes, byDevice }] of judged)
      for (const silent of scopes) {
        const { kind: scopeKind } = silent.scope;
        if (told.has(alertKey({ model, scopeKind, scope: scopeName(silent.scope) }))) continue;
        const alert = alertOf(ids.next("drift"), model, silent, byDevice, nowMs);
        await stores.drift.addAlert(alert);
        await addEvent(stores, "model.silent", alert, nowMs, alert.reason);
      }
  }

  function alertOf(
    id: string,
    model: ModelName,
    { scope, devices }: SilentScope,
    byDevice: ReadonlyMap<DeviceId, Used>,
    nowMs: number,
  ): DriftAlertRecord {
    const members = devices.map((device) => byDevice.get(device) as Used);
    const shortest = members.reduce((least, one) => (one.use.gapMs < least.use.gapMs ? one : least));
    const [gap, allowed] = [duration(shortest.use.gapMs), duration(allowedGap(shortest.use, policy))];
    const where =
      devices.length === 1 ? "though the device is" : `on any of ${devices.length} devices, though they are`;
    return {
      id,
      model,
      version: shortest.version,
      scope: scopeName(scope),
      scopeKind: scope.kind,
      stream: silenceStream,
      openedAtMs: nowMs,
      closedAtMs: undefined,
      reason: `no inference for ${gap} ${where} connected; after what the past weeks have shown, ${allowed} are nothing unusual`,
      score: shortest.use.gapMs / allowedGap(shortest.use, policy),
    };
  }

  return {
    heard(more) {
      for (const { device, model } of more) heard.add(keyOf(device, model));
    },
    look,
    async run(signal) {
      while (!signal.aborted)
        try {
          await clock.sleep(windowMs, signal);
          await look(clock.now());
        } catch (error) {
          if (!signal.aborted)
            log.error({ err: error }, "the use of models could not be judged; the next look does it");
        }
    },
  };
}

/** What one look says of one model. */
interface Judged {
  readonly byDevice: ReadonlyMap<DeviceId, Used>;
  readonly scopes: readonly SilentScope[];
}

function judge(used: readonly Used[]): Judged {
  return {
    byDevice: new Map(used.map((one) => [one.device, one])),
    scopes: silentScopes(used.map(({ device, labels, use }) => ({ device, labels, isSilent: use.state === "silent" }))),
  };
}

function alertKey({ model, scopeKind, scope }: Pick<DriftAlertRecord, "model" | "scopeKind" | "scope">): string {
  return `${model} ${scopeKind} ${scope}`;
}

/** Why an alert closes; undefined: it stays. */
function endOf(alert: DriftAlertRecord, { byDevice, scopes }: Judged): string | undefined {
  const isOf = ({ scope }: SilentScope) => scope.kind === alert.scopeKind && scopeName(scope) === alert.scope;
  if (scopes.some(isOf)) return undefined;
  const members = membersOf(alert, byDevice);
  if (members.length === 0) return "it is not expected there any more";
  const silent = new Set(members.filter(({ use }) => use.state === "silent").map(({ device }) => device));
  if (silent.size === 0) return "it is asked again";
  const names = scopes.filter(({ devices }) => devices.some((device) => silent.has(device)));
  return `it is told of ${names.map(({ scope }) => scopeKey(scope)).join(", ")} now`;
}

function membersOf({ scopeKind, scope }: DriftAlertRecord, byDevice: Judged["byDevice"]): readonly Used[] {
  switch (scopeKind) {
    case "fleet":
      return [...byDevice.values()];
    case "device": {
      const one = byDevice.get(scope as DeviceId);
      return one === undefined ? [] : [one];
    }
    case "cohort":
      return [...byDevice.values()].filter(({ labels }) =>
        Object.entries(labels).some(([key, value]) => scopeName({ kind: "cohort", key, value }) === scope),
      );
  }
}

function keyOf(device: DeviceId, model: ModelName): string {
  return `${device} ${model}`;
}

async function addEvent(
  { events }: Stores,
  kind: string,
  alert: DriftAlertRecord,
  atMs: number,
  reason: string,
): Promise<void> {
  const device = alert.scopeKind === "device" ? (alert.scope as DeviceId) : undefined;
  await events.add({ atMs, kind, device, rollout: undefined, text: `${alert.model}, ${alert.scope}: ${reason}` });
}
