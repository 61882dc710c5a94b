import type { DeviceId, RolloutId } from "../../proto/ids.ts";
import type { ModelAssignment } from "../../proto/assignment-messages.ts";
import { downloadSpread } from "../domain/rollout/download-spread.ts";
import { minutes, seconds } from "../../proto/units.ts";
import { reconcileRollout } from "../domain/rollout/reconcile-rollout.ts";
import type { Reconciliation } from "../domain/rollout/reconcile-rollout.ts";
import type {
  DeviceUpdate,
  ModelIncumbent,
  ModelRolloutSpec,
  Rollout,
  RolloutAction,
  SettingsRolloutSpec,
} from "../domain/rollout/rollout.ts";
import { isSameSubject } from "../domain/rollout/rollout.ts";
import type { RolloutAndDevices } from "../domain/rollout/rollouts-side-by-side.ts";
import { devicesElsewhere } from "../domain/rollout/rollouts-side-by-side.ts";
import { archivedBy } from "../domain/model-archive.ts";
import type { Clock, Logger } from "./ports.ts";
import type { Database, Stores } from "./stores.ts";
import { createFactReader } from "./rollout-evidence.ts";
import { variantOrders } from "./variant-orders.ts";

export interface RolloutController {
  /** Asks one rollout what to do now and does it; undefined when there is nothing to ask. */
  tick(id: RolloutId, signal: AbortSignal): Promise<Reconciliation | undefined>;
  /** Keeps all live rollouts going until the signal; resolves then. Errors are logged and tried again. */
  run(signal: AbortSignal): Promise<void>;
  /** Something that rollouts look at has changed: a device reported, telemetry was stored, a person gave a command. */
  wake(): void;
}

export interface RolloutControllerOptions {
  readonly database: Database;
  /** Brings a device its desired state, now or when it connects; must neither throw nor reject. */
  readonly deliver: (device: DeviceId) => unknown;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Between two rounds, so that a thousand reports make a few rounds and not a thousand. */
const pauseMs = 200;
/** And this many times what the last round took, so that rollouts never use more than a part of the machine. */
const restFactor = 4;
/** A round when nothing was heard for so long: the clock may have jumped. */
const idleMs = minutes(1);
const retryMs = { first: seconds(1), longest: minutes(1) };

/**
 * The thin loop around reconcileRollout: read, decide, store the decision together with the desired states that follow from it in one
 * transaction, send after the commit. Nothing that matters is remembered between rounds, so a process that is killed at any moment goes on where
 * the database is; what was committed and not sent reaches the device when it next connects or reports.
 */
export function createRolloutController(options: RolloutControllerOptions): RolloutController {
  const { database, deliver, clock, log } = options;
  const readFacts = createFactReader(options);
  const bell = createBell(clock);
  const failures = new Map<RolloutId | "all", number>();

  async function tick(id: RolloutId, signal: AbortSignal): Promise<Reconciliation | undefined> {
    const seen = await database.rollouts.get(id);
    if (seen === undefined || (await isSuperseded(database, seen))) return undefined;
    const facts = await readFacts(seen, await database.rollouts.updates(id));
    signal.throwIfAborted();
    return database.transaction(async (stores, afterCommit) => {
      // A command may have come in the meantime: the decision is made on what is true inside the transaction.
      const rollout = await stores.rollouts.get(id);
      if (rollout === undefined) return undefined;
      const updates = await stores.rollouts.updates(id);
      const elsewhere = devicesElsewhere(rollout, await othersUnderWay(stores, rollout), facts.devices);
      const decision = reconcileRollout({ rollout, updates, ...facts, elsewhere, now: clock.now() });
      if (decision.rollout !== rollout) await stores.rollouts.save(decision.rollout);
      await stores.rollouts.saveUpdates(id, changed(updates, decision.updates));
      const assigned = decision.actions.filter(({ kind }) => kind === "assign").length;
      const spreadMs = downloadSpread(assigned, rollout.spec.deviceTimeoutMs);
      const variantOrderOf = rollout.spec.kind === "model" ? variantOrders(facts, rollout.spec) : () => [];
      for (const action of decision.actions) {
        await execute(action, { stores, rollout, variantOrderOf, spreadMs, now: clock.now() });
        if (action.kind !== "record") afterCommit(() => void deliver(action.device));
      }
      return decision;
    });
  }

  /** One tick of every live rollout; answers when the next is due. One that fails does not keep the others. */
  async function round(signal: AbortSignal): Promise<number> {
    let next = clock.now() + idleMs;
    for (const { id } of await database.rollouts.live()) {
      try {
        const decision = await tick(id, signal);
        failures.delete(id);
        next = Math.min(next, decision?.wakeAtMs ?? next);
      } catch (error) {
        signal.throwIfAborted();
        next = Math.min(next, clock.now() + afterFailure(id, error));
      }
    }
    return next;
  }

  /** How long to wait before the next try: longer each time. */
  function afterFailure(what: RolloutId | "all", error: unknown): number {
    const count = failures.get(what) ?? 0;
    failures.set(what, count + 1);
    const waitMs = Math.min(retryMs.longest, retryMs.first * 2 ** count);
    log.error({ rollout: what, err: error, waitMs }, "a rollout could not be reconciled; trying again");
    return waitMs;
  }

  async function run(signal: AbortSignal): Promise<void> {
    try {
      while (!signal.aborted) {
        const began = clock.now();
        const next = await round(signal).catch((error: unknown) => {
          signal.throwIfAborted();
          return clock.now() + afterFailure("all", error);
        });
        await clock.sleep(pauseMs + restFactor * Math.max(0, clock.now() - began), signal);
        await bell.wait(next - clock.now(), signal);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  return { tick, run, wake: () => bell.ring() };
}

/**
 * A complete rollout takes no devices in while a newer one of its model or settings is on its way, which has them, and none at all when its version went
 * into the archive: after a newer rollout was rolled back, an old one is the newest again.
 */
async function isSuperseded({ rollouts, archive }: Pick<Stores, "rollouts" | "archive">, rollout: Rollout) {
  if (rollout.phase.kind !== "complete") return false;
  const { spec } = rollout;
  if (spec.kind === "model" && archivedBy(await archive.steps(spec.model), spec.model, spec.version) !== undefined)
    return true;
  const live = await rollouts.live();
  return live.some((other) => isSameSubject(other.spec, spec) && other.id !== rollout.id);
}

/** Rollouts of the same model or settings that are not over, and their devices. */
async function othersUnderWay({ rollouts }: Pick<Stores, "rollouts">, { id, spec }: Rollout) {
  const others = (await rollouts.live()).filter(
    (other) => other.id !== id && other.phase.kind !== "complete" && isSameSubject(other.spec, spec),
  );
  const found: RolloutAndDevices[] = [];
  for (const rollout of others) found.push({ rollout, updates: await rollouts.updates(rollout.id) });
  return found;
}

interface ActionContext {
  readonly stores: Stores;
  readonly rollout: Rollout;
  /** For a model's rollout; of settings there are no variants. */
  readonly variantOrderOf: (device: DeviceId) => readonly string[];
  /** Within which the devices of this turn begin to fetch. */
  readonly spreadMs: number;
  readonly now: number;
}

type ActionOf<Kind extends RolloutAction["kind"]> = Extract<RolloutAction, { readonly kind: Kind }>;

const executors: {
  readonly [Kind in RolloutAction["kind"]]: (action: ActionOf<Kind>, context: ActionContext) => Promise<unknown>;
} = {
  assign: ({ device, shadow }, context) => {
    const { spec } = context.rollout;
    if (spec.kind === "settings") return wantSettings(device, spec, spec.removes ? undefined : spec.version, context);
    return wantModel(
      device,
      spec,
      spec,
      {
        variantOrder: context.variantOrderOf(device),
        spreadMs: context.spreadMs,
        ...(shadow !== undefined && { shadow }),
      },
      context,
    );
  },
  revert: ({ device, to }, context) => {
    const { spec } = context.rollout;
    if (spec.kind === "settings")
      return wantSettings(device, spec, to?.kind === "settings" ? to.version : undefined, context);
    return wantModel(device, spec, to?.kind === "model" ? to : undefined, { variantOrder: [] }, context);
  },
  record: ({ event, device, text }, { stores, rollout, now }) =>
    stores.events.add({ atMs: now, kind: event, device, rollout: rollout.id, text }),
};

function execute<Kind extends RolloutAction["kind"]>(action: ActionOf<Kind>, context: ActionContext): Promise<unknown> {
  const executor = executors[action.kind as Kind];
  return executor(action, context);
}

function wantModel(
  device: DeviceId,
  { model, soak }: ModelRolloutSpec,
  what: Omit<ModelIncumbent, "kind"> | undefined,
  how: Pick<ModelAssignment, "variantOrder" | "spreadMs" | "shadow">,
  { stores, rollout }: ActionContext,
): Promise<unknown> {
  if (what === undefined) return stores.desired.set(device, model, undefined);
  const { version, package: digest, packageSize } = what;
  return stores.desired.set(device, model, {
    model,
    version,
    package: digest,
    packageSize,
    rollout: rollout.id,
    soak,
    ...how,
  });
}

function wantSettings(
  device: DeviceId,
  { settings }: SettingsRolloutSpec,
  version: number | undefined,
  { stores }: ActionContext,
): Promise<unknown> {
  return stores.desired.setSettings(device, settings, version);
}

function changed(before: readonly DeviceUpdate[], after: readonly DeviceUpdate[]): readonly DeviceUpdate[] {
  const known = new Set(before);
  return after.filter((update) => !known.has(update));
}

/** Rings end a wait, also the next one when nobody waits at that moment. */
function createBell(clock: Pick<Clock, "sleep">) {
  let rung = false;
  let waiting: AbortController | undefined;
  return {
    ring(): void {
      rung = true;
      waiting?.abort();
    },
    async wait(ms: number, signal: AbortSignal): Promise<void> {
      signal.throwIfAborted();
      const controller = new AbortController();
      const onAbort = () => controller.abort(signal.reason);
      signal.addEventListener("abort", onAbort, { once: true });
      waiting = controller;
      try {
        if (!rung && ms > 0) await clock.sleep(ms, controller.signal);
      } catch (error) {
        if (!rung || signal.aborted) throw error;
      } finally {
        rung = false;
        waiting = undefined;
        signal.removeEventListener("abort", onAbort);
      }
    },
  };
}
