import type { AgentStatus, ServedModel } from "../../core/agent-status.ts";
import type { Truth } from "../../core/feedback.ts";
import type { InferenceResult } from "../../core/inference-call.ts";
import type { RollbackOutcome } from "../../core/step-runner.ts";
import type { FeedbackCounts } from "../../../proto/telemetry-messages.ts";
import type { Tensor } from "../../../proto/tensors.ts";

/** What a page and the worker that is its device say to each other. Each call of the page gets exactly one reply. */
export type ToWorker =
  | { readonly kind: "start"; readonly options: DeviceOptions }
  | { readonly kind: "call"; readonly id: number; readonly call: AgentCall }
  /** The caller has left: what has not begun need not be done. */
  | { readonly kind: "cancel"; readonly id: number }
  | { readonly kind: "stop" };

export type FromWorker =
  | { readonly kind: "reply"; readonly id: number; readonly reply: CallReply }
  | { readonly kind: "status"; readonly status: DeviceStatus }
  /** The page has asked for it. */
  | { readonly kind: "stopped" }
  /** It cannot go on; another worker may. */
  | { readonly kind: "gave-up"; readonly reason: string };

export interface DeviceOptions {
  /** Names what is stored; two devices in one browser need two names. */
  readonly storage: string;
  /** Bytes that all models may take together; undefined: by the machine's memory. */
  readonly memoryBudget: number | undefined;
  /** How long the browser may take for one step of the start. */
  readonly patienceMs: number;
}

export interface EnrolRequest {
  /** The control plane's address, such as `https://hub.example`. */
  readonly server: string;
  readonly token: string;
  /** The control plane chooses one where none is given. */
  readonly device?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly hardware?: string | undefined;
  /** Key ids of publishers that the person who enrols knows; the control plane must name each of them. */
  readonly publisherKeys?: readonly string[] | undefined;
}

/** Every call with its answer. */
export interface AgentCalls {
  readonly enrol: { readonly asks: EnrolRequest; readonly answers: { readonly device: string } };
  readonly infer: { readonly asks: InferRequest; readonly answers: InferenceResult };
  readonly describe: { readonly asks: { readonly model: string }; readonly answers: ServedModel | undefined };
  readonly feedback: {
    readonly asks: { readonly model: string; readonly id: string; readonly truth: Truth };
    readonly answers: FeedbackCounts;
  };
  readonly "roll-back": {
    readonly asks: { readonly model: string; readonly reason: string };
    readonly answers: RollbackOutcome;
  };
  /** Ends the device and deletes all that it has stored. */
  readonly forget: { readonly asks: object; readonly answers: undefined };
}
export type CallName = keyof AgentCalls;
export type AgentCall = {
  [Name in CallName]: { readonly name: Name; readonly asks: AgentCalls[Name]["asks"] };
}[CallName];

export interface InferRequest {
  readonly model: string;
  readonly inputs: readonly Tensor[];
  readonly version?: string | undefined;
  /** From the moment the worker has the call. */
  readonly timeoutMs?: number | undefined;
  /** Under this, feedback can be given about the answer. */
  readonly id?: string | undefined;
}

export type CallReply =
  | { readonly ok: true; readonly answer: unknown }
  | { readonly ok: false; readonly name: string; readonly message: string };

/** What this page is as a device. */
export type DeviceStatus =
  /** `waitsFor`: what the browser takes its time for, "" while it does not. */
  | { readonly kind: "starting"; readonly waitsFor: string }
  /** Another tab with the same storage is the device; this one takes over when that is closed. */
  | { readonly kind: "other-tab" }
  | { readonly kind: "not-enrolled" }
  | {
      readonly kind: "running";
      readonly agent: AgentStatus;
      /** Undefined until the browser has counted. */
      readonly storage: StorageFacts | undefined;
      readonly server: string;
    }
  | { readonly kind: "stopped" }
  | { readonly kind: "failed"; readonly reason: string };

export interface StorageFacts {
  /** The browser has promised not to clear it by itself. */
  readonly persisted: boolean;
  /** Undefined where the browser does not tell. */
  readonly usedBytes: number | undefined;
  readonly quotaBytes: number | undefined;
}
