import "../adapters/browser/explicit-disposal.ts";
import { seconds } from "../../proto/units.ts";
import type { ServedModel } from "../core/agent-status.ts";
import type { Truth } from "../core/feedback.ts";
import type { RollbackOutcome } from "../core/step-runner.ts";
import { lastingLine } from "./lasting-line.ts";
import { AgentStoppedError } from "./worker-line.ts";
import type { InputTensor, OutputTensor } from "./tensors.ts";
import { outputOf, tensorOf } from "./tensors.ts";
import type { DeviceStatus, EnrolRequest } from "./worker/agent-messages.ts";

export type { AgentStatus, ModelStatus, ServedModel } from "../core/agent-status.ts";
export type { Truth } from "../core/feedback.ts";
export type { TrialProgress } from "../core/soak-gate.ts";
export type { RollbackOutcome } from "../core/step-runner.ts";
export { AgentCallError, AgentStoppedError } from "./worker-line.ts";
export type { InputTensor, OutputTensor } from "./tensors.ts";
export { InvalidInputError } from "./tensors.ts";
export type { DeviceStatus, EnrolRequest, StorageFacts } from "./worker/agent-messages.ts";

export interface StartOptions {
  /** Names what this device stores; two devices in one browser need two names. "device" unless told. */
  readonly storage?: string;
  /** Enrols the page with this where it is no device yet. A token is good once: it may stay here afterwards. */
  readonly enrol?: EnrolRequest;
  /** Bytes of memory that all models may take together; by what the browser tells of the machine unless it is said. */
  readonly memoryBudget?: number;
  /**
   * How long the browser may take for one step of the start, such as opening a database; 10,000 unless it is said. A browser that
   * takes longer is asked again by a fresh worker, with twice the patience.
   */
  readonly patienceMs?: number;
}

export interface InferOptions {
  readonly signal?: AbortSignal;
  /** From the call on. What the agent has not begun by then it does not do. */
  readonly timeoutMs?: number;
  /** Under this, feedback can be given about the answer. */
  readonly id?: string;
  /** Only this version may answer; otherwise the one that the agent serves. */
  readonly version?: string;
}

export interface InferResult {
  readonly outputs: Readonly<Record<string, OutputTensor>>;
  readonly version: string;
  readonly variant: string;
}

/**
 * This page as a device: it fetches models, runs them, reports, and goes back by itself. Every call rejects with AgentCallError, the
 * `kind` of which is the name of the agent's error, such as "ModelUnavailableError" or "QueueFullError".
 */
export interface BrowserAgent extends AsyncDisposable {
  /** What is known now; `onStatus` tells of changes. */
  readonly status: DeviceStatus;
  /** Calls the listener at once and after every change; answers the function that ends it. */
  onStatus(listener: (status: DeviceStatus) => void): () => void;
  /** Resolves when the condition holds; rejects with the signal's reason. */
  until(holds: (status: DeviceStatus) => boolean, signal?: AbortSignal): Promise<DeviceStatus>;
  enrol(request: EnrolRequest): Promise<{ readonly device: string }>;
  /** What this device was called before the browser cleared all that it had stored; undefined where that has not happened. */
  readonly clearedDevice: string | undefined;
  /** Also rejects with InvalidInputError. */
  infer(model: string, inputs: Readonly<Record<string, InputTensor>>, options?: InferOptions): Promise<InferResult>;
  /** What a caller must know to ask for inferences; undefined while nothing serves the model. */
  describe(model: string): Promise<ServedModel | undefined>;
  /** Tells the truth about an answer, once. */
  feedback(model: string, id: string, truth: Truth): Promise<void>;
  /** Goes back to the version before; reported as a rollback that somebody on the device has asked for. */
  rollBack(model: string, reason: string): Promise<RollbackOutcome>;
  /** Deletes all that this device has stored. The control plane keeps its name until the device is revoked there. */
  forget(): Promise<void>;
  /** Says goodbye and ends the worker. */
  close(): Promise<void>;
}

/** Throws where the page has no secure context: a page gets keys, locks and storage only over https or from this very machine. */
export function startAgent({
  storage = "device",
  enrol,
  memoryBudget,
  patienceMs = seconds(10),
}: StartOptions = {}): BrowserAgent {
  if (!isSecureContext)
    throw new Error(
      `${location.origin} is no secure context, so the browser gives this page no keys, locks or storage: use https, or localhost`,
    );
  const startWorker = () =>
    new Worker(new URL("./worker/agent-worker.ts", import.meta.url), { type: "module", name: "sedge agent" });
  const remembered = rememberedDevice(storage);
  const listeners = new Set<(status: DeviceStatus) => void>();
  let status: DeviceStatus = { kind: "starting", waitsFor: "" };
  let enrolling = enrol;

  const onStatus = (changed: DeviceStatus) => {
    status = changed;
    if (changed.kind === "running") remembered.set(changed.agent.device);
    if (changed.kind === "not-enrolled" && enrolling !== undefined) {
      const request = enrolling;
      enrolling = undefined;
      line.call("enrol", request).catch((error: unknown) => {
        // The next worker may be asked again.
        if (error instanceof AgentStoppedError) enrolling = request;
        else tell({ kind: "failed", reason: messageOf(error) });
      });
    }
    tell(changed);
  };
  const tell = (told: DeviceStatus) => {
    status = told;
    for (const listener of listeners) listener(told);
  };
  const line = lastingLine({ startWorker, device: { storage, memoryBudget, patienceMs }, onStatus });
  const unfollow = whenPutAside({ leave: () => line.leave("the page was left"), comeBack: () => line.comeBack() });
  const close = async () => {
    unfollow();
    await line.stop();
  };

  return {
    get status() {
      return status;
    },
    get clearedDevice() {
      return status.kind === "not-enrolled" ? remembered.get() : undefined;
    },
    onStatus(listener) {
      listeners.add(listener);
      listener(status);
      return () => void listeners.delete(listener);
    },
    until(holds, signal) {
      return new Promise((resolve, reject) => {
        if (holds(status)) return resolve(status);
        const end = this.onStatus((changed) => {
          if (!holds(changed)) return;
          queueMicrotask(() => end());
          resolve(changed);
        });
        signal?.addEventListener(
          "abort",
          () => {
            end();
            reject(signal.reason as Error);
          },
          { once: true },
        );
      });
    },
    async enrol(request) {
      // Only now: a browser may ask the person, who has just said what this is for. Firefox does, and waits for ever if nobody answers.
      (navigator as { readonly storage?: StorageManager }).storage?.persist().catch(() => undefined);
      return await line.call("enrol", request);
    },
    async infer(model, inputs, { signal, ...options } = {}) {
      const tensors = Object.entries(inputs).map(([name, input]) => tensorOf(name, input));
      const { outputs, version, variant } = await line.call("infer", { model, inputs: tensors, ...options }, signal);
      return {
        outputs: Object.fromEntries(outputs.map((tensor) => [tensor.name, outputOf(tensor)])),
        version,
        variant,
      };
    },
    describe: (model) => line.call("describe", { model }),
    async feedback(model, id, truth) {
      await line.call("feedback", { model, id, truth });
    },
    rollBack: (model, reason) => line.call("roll-back", { model, reason }),
    async forget() {
      await line.call("forget", {});
      remembered.set(undefined);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/**
 * A page that is left may be put aside, whole, for the case that somebody comes back to it. WebKit keeps its worker then, asleep, with
 * the lock: no other page could be the device. So the worker ends with the page, as it does in other browsers, and begins anew.
 */
function whenPutAside({ leave, comeBack }: { readonly leave: () => void; readonly comeBack: () => void }): () => void {
  const hidden = (event: PageTransitionEvent) => event.persisted && leave();
  const shown = (event: PageTransitionEvent) => event.persisted && comeBack();
  addEventListener("pagehide", hidden);
  addEventListener("pageshow", shown);
  return () => {
    removeEventListener("pagehide", hidden);
    removeEventListener("pageshow", shown);
  };
}

/** Lies apart from the databases, so that a page whose databases were cleared can say what it was. */
function rememberedDevice(storage: string) {
  const key = `sedge.${storage}.device`;
  return {
    get: () => localStorage.getItem(key) ?? undefined,
    set(device: string | undefined) {
      if (device === undefined) localStorage.removeItem(key);
      else if (localStorage.getItem(key) !== device) localStorage.setItem(key, device);
    },
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
