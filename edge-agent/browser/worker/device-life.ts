import type { AgentLock } from "../../adapters/browser/agent-lock.ts";
import { lockAgent } from "../../adapters/browser/agent-lock.ts";
import { browserClock } from "../../adapters/browser/browser-clock.ts";
import type { DeviceDatabase } from "../../adapters/browser/device-database.ts";
import { deleteDeviceDatabase, openDeviceDatabase, valueAt } from "../../adapters/browser/device-database.ts";
import type { Enrolment } from "../../adapters/browser/enrolment-store.ts";
import { loadEnrolment, saveEnrolment } from "../../adapters/browser/enrolment-store.ts";
import type { Agent } from "../../core/agent-interface.ts";
import { createAgent } from "../../core/agent.ts";
import { ModelUnavailableError } from "../../core/inference-call.ts";
import { linkedAbort, NoLongerNeededError } from "../../core/linked-abort.ts";
import type { Ports } from "../../core/ports.ts";
import { Wakeup } from "../../core/wakeup.ts";
import { isModelName, isModelVersion } from "../../../proto/ids.ts";
import { seconds } from "../../../proto/units.ts";
import type { AgentCall, AgentCalls, CallName, DeviceOptions, DeviceStatus, StorageFacts } from "./agent-messages.ts";
import { consoleLog } from "./console-log.ts";
import { EnrolmentError } from "../../adapters/portable/enrolment-answer.ts";
import { enrol } from "./enrol.ts";
import { openPorts, storageFacts } from "./open-ports.ts";
import type { Patience } from "./within-patience.ts";
import { BrowserSilentError, withinPatience } from "./within-patience.ts";

const { log } = consoleLog;

/** This page is no device yet, or not the one that is asked. */
class NotRunningError extends Error {
  override readonly name = "NotRunningError";
}

type Handlers = {
  readonly [Name in CallName]: (
    asks: AgentCalls[Name]["asks"],
    signal: AbortSignal,
  ) => Promise<AgentCalls[Name]["answers"]> | AgentCalls[Name]["answers"];
};

const starting = { kind: "starting", waitsFor: "" } as const;
/** How long to wait before a device that could not live tries again: a database that was just taken away, say. */
const secondTryMs = seconds(5);

/**
 * The life of a page as a device: wait for the lock, be enrolled, run; and from the beginning again when the browser takes the
 * storage away.
 *
 * Two databases: who the device is lies apart from what it has, and is tiny. When only the second is gone the device goes on under
 * its name, with nothing in it, and tells the control plane that its spool began anew.
 */
export class DeviceLife {
  readonly #storage: string;
  readonly #memoryBudget: number | undefined;
  readonly #patience: Patience;
  readonly #enrolled = new Wakeup();
  #status: DeviceStatus = starting;
  #agent: Agent | undefined;
  #identity: DeviceDatabase | undefined;
  #enrolment: Enrolment | undefined;
  #facts: StorageFacts | undefined;
  /** Ends what runs, and lets the life begin again. */
  #beginAgain: ((reason: Error) => void) | undefined;
  /** To be done between two lives, when nothing is open. */
  #inBetween: (() => Promise<void>) | undefined;

  constructor({ storage, memoryBudget, patienceMs }: DeviceOptions) {
    this.#storage = storage;
    this.#memoryBudget = memoryBudget;
    const onSlow = (waitsFor: string) => (this.#status = { kind: "starting", waitsFor });
    this.#patience = { clock: browserClock, ms: patienceMs, onSlow };
  }

  get status(): DeviceStatus {
    if (this.#agent === undefined || this.#enrolment === undefined) return this.#status;
    return { kind: "running", agent: this.#agent.status(), storage: this.#facts, server: this.#enrolment.server };
  }

  /**
   * Until `signal`, and rejects with its reason. Rejects with BrowserSilentError where the browser leaves a step of the start without
   * an answer: what this worker has asked for stands in the way of asking again, until the worker is gone.
   */
  async run(signal: AbortSignal): Promise<never> {
    using _lock = await this.#lock(signal);
    for (;;) {
      this.#status = starting;
      try {
        if (this.#inBetween !== undefined) await this.#step("the storage to be deleted", this.#inBetween(), signal);
        this.#inBetween = undefined;
        await this.#liveOnce(signal);
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof BrowserSilentError) throw error;
        if (error instanceof NoLongerNeededError) continue;
        log.error({ error: String(error) }, "the device cannot run; trying again soon");
        this.#status = { kind: "failed", reason: error instanceof Error ? error.message : String(error) };
        await browserClock.sleep(secondTryMs, signal);
      }
    }
  }

  async #lock(signal: AbortSignal): Promise<AgentLock> {
    const scope = linkedAbort(signal);
    let others: (wait: undefined) => void = () => undefined;
    const waits = new Promise<undefined>((resolve) => (others = resolve));
    const lock = lockAgent(`sedge-device.${this.#storage}`, () => others(undefined), scope.signal);
    const found = await this.#step("its turn among the tabs", Promise.race([lock, waits]), signal, (late) =>
      late?.[Symbol.dispose](),
    );
    if (found !== undefined) return found;
    // However long it takes: the other one is the device meanwhile.
    this.#status = { kind: "other-tab" };
    return await lock;
  }

  #step<T>(waitsFor: string, work: Promise<T>, signal: AbortSignal, discard?: (late: T) => void): Promise<T> {
    return withinPatience(waitsFor, work, this.#patience, signal, discard);
  }

  async call({ name, asks }: AgentCall, signal: AbortSignal): Promise<unknown> {
    return await (this.#handlers[name] as (asks: object, signal: AbortSignal) => unknown)(asks, signal);
  }

  readonly #handlers: Handlers = {
    enrol: async (request, signal) => {
      if (this.#enrolment !== undefined)
        throw new EnrolmentError(
          `this page already is the device "${this.#enrolment.trust.device}", enrolled at ${this.#enrolment.server}: let it forget that first`,
        );
      if (this.#identity === undefined || this.#status.kind !== "not-enrolled")
        throw new NotRunningError("this page cannot be enrolled at the moment");
      const enrolment = await enrol(request, signal);
      await saveEnrolment(this.#identity, enrolment);
      this.#enrolled.wake();
      return { device: enrolment.trust.device };
    },
    infer: ({ model, inputs, version, timeoutMs, id }, signal) => {
      if (!isModelName(model)) throw new ModelUnavailableError(`"${model}" is not a model name`);
      if (version !== undefined && !isModelVersion(version))
        throw new ModelUnavailableError(`"${version}" is not a model version`);
      return this.#running().infer(model, inputs, signal, {
        ...(version !== undefined && { version }),
        ...(timeoutMs !== undefined && { deadlineAt: browserClock.monotonic() + timeoutMs }),
        ...(id !== undefined && { id }),
      });
    },
    describe: ({ model }) => (isModelName(model) ? this.#running().describe(model) : undefined),
    feedback: ({ model, id, truth }) => {
      if (!isModelName(model)) throw new ModelUnavailableError(`"${model}" is not a model name`);
      return this.#running().takeFeedback(model, id, truth);
    },
    "roll-back": ({ model, reason }) =>
      isModelName(model)
        ? this.#running().rollBack(model, reason, "nobody")
        : { kind: "refused", reason: `"${model}" is not a model name` },
    forget: () =>
      new Promise((resolve, reject) => {
        if (this.#beginAgain === undefined) return reject(new NotRunningError("this tab is not the device"));
        this.#inBetween = async () => {
          await deleteDeviceDatabase(this.#dataName);
          await deleteDeviceDatabase(this.#identityName);
          resolve(undefined);
        };
        this.#beginAgain(new NoLongerNeededError("the device is forgotten"));
      }),
  };

  get #identityName(): string {
    return `sedge-identity.${this.#storage}`;
  }

  get #dataName(): string {
    return `sedge-data.${this.#storage}`;
  }

  #running(): Agent {
    if (this.#agent !== undefined) return this.#agent;
    throw new NotRunningError(
      this.#status.kind === "other-tab" ? "another tab is the device: ask there" : "this page is not a device yet",
    );
  }

  /** Rejects with NoLongerNeededError when the life begins again: something was forgotten or taken away. */
  async #liveOnce(signal: AbortSignal): Promise<never> {
    using identity = await this.#open(this.#identityName, "the database of who this device is", signal);
    this.#identity = identity;
    using scope = linkedAbort(signal);
    void identity.lost.then(() => scope.abort(new NoLongerNeededError("the browser took the identity away")));
    this.#beginAgain = (reason) => scope.abort(reason);
    try {
      const enrolment = await this.#enrolmentIn(identity, scope.signal);
      this.#status = starting;
      return await this.#runAgent(identity, enrolment, scope.signal);
    } finally {
      this.#beginAgain = undefined;
      this.#identity = undefined;
      this.#enrolment = undefined;
    }
  }

  async #enrolmentIn(identity: DeviceDatabase, signal: AbortSignal): Promise<Enrolment> {
    for (;;) {
      const enrolment = await this.#step("who this device is", loadEnrolment(identity), signal);
      if (enrolment !== undefined) return enrolment;
      this.#status = { kind: "not-enrolled" };
      await this.#enrolled.sleep(Number.POSITIVE_INFINITY, browserClock, signal);
    }
  }

  async #runAgent(identity: DeviceDatabase, enrolment: Enrolment, signal: AbortSignal): Promise<never> {
    using database = await this.#open(this.#dataName, "the database of what this device has", signal);
    using scope = linkedAbort(signal);
    void database.lost.then(() => scope.abort(new NoLongerNeededError("the browser took the storage away")));
    const ports = await this.#step(
      "what this device has, as it was stored",
      this.#portsOver(database, identity, enrolment),
      signal,
    );
    const agent = createAgent(ports, {
      agentVersion: buildFacts.agentVersion,
      memoryBudget: this.#memoryBudget,
      onSettings: (settings) => {
        consoleLog.level = settings["log.level"].value;
      },
    });
    // What it has is known before anybody is told that it runs.
    await this.#step("the state of this device", agent.load(), signal);
    this.#enrolment = enrolment;
    this.#agent = agent;
    const running = agent.run(scope.signal);
    try {
      await Promise.race([running, this.#watchStorage(scope.signal)]);
    } finally {
      this.#agent = undefined;
      this.#status = starting;
      scope.abort(new NoLongerNeededError("the agent has ended"));
      const ended = running.catch((error: unknown) => {
        log.warn({ error: String(error) }, "the agent ended with an error");
      });
      // Also when the page wants the end: the goodbye is a part of it.
      await this.#step("the agent's end", ended, new AbortController().signal);
    }
    scope.signal.throwIfAborted();
    throw new NoLongerNeededError("the agent has ended");
  }

  #open(name: string, waitsFor: string, signal: AbortSignal): Promise<DeviceDatabase> {
    return this.#step(waitsFor, openDeviceDatabase(name), signal, (late) => late[Symbol.dispose]());
  }

  async #portsOver(database: DeviceDatabase, identity: DeviceDatabase, enrolment: Enrolment): Promise<Ports> {
    const wasLost = database.isNew && (await hadData(identity, enrolment));
    if (wasLost) log.warn({}, "the browser has cleared what this device had stored");
    const ports = await openPorts({ enrolment, database, wasLost, memoryBudget: this.#memoryBudget });
    await rememberData(identity, enrolment);
    return ports;
  }

  /** For people to look at: a browser that does not count now leaves what was known. */
  async #watchStorage(signal: AbortSignal): Promise<never> {
    for (;;) {
      try {
        this.#facts = await storageFacts();
      } catch (error) {
        log.warn({ error: String(error) }, "the browser does not tell what is stored");
      }
      await browserClock.sleep(secondTryMs, signal);
    }
  }
}

const dataKey = "data-of";

/** Whether this device has ever stored anything. */
async function hadData(identity: DeviceDatabase, { trust }: Enrolment): Promise<boolean> {
  return (await identity.read(["values"], (transaction) => valueAt(transaction, "values", dataKey))) === trust.device;
}

async function rememberData(identity: DeviceDatabase, { trust }: Enrolment): Promise<void> {
  await identity.write(["values"], async (transaction) => {
    transaction.objectStore("values").put(trust.device, dataKey);
  });
}
