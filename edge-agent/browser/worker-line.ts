import type {
  AgentCall,
  AgentCalls,
  CallName,
  DeviceOptions,
  DeviceStatus,
  FromWorker,
  ToWorker,
} from "./worker/agent-messages.ts";

/** The agent could not do what it was asked to. */
export class AgentCallError extends Error {
  override readonly name = "AgentCallError";
  /** The name of the agent's error, such as "ModelUnavailableError", "QueueFullError", "DeadlineExceededError" or "EnrolmentError". */
  readonly kind: string;

  constructor(kind: string, message: string) {
    super(message);
    this.kind = kind;
  }
}

/** The agent was closed, or its worker was lost; in the place of a lost one another begins, and may be asked again. */
export class AgentStoppedError extends Error {
  override readonly name = "AgentStoppedError";
}

/** The page's end of the line to its worker. */
export interface WorkerLine {
  start(options: DeviceOptions): void;
  call<Name extends CallName>(
    name: Name,
    asks: AgentCalls[Name]["asks"],
    signal?: AbortSignal,
  ): Promise<AgentCalls[Name]["answers"]>;
  stop(): Promise<void>;
  /** At once, as when the page is closed. Calls that wait reject with AgentStoppedError. */
  end(reason: string): void;
}

interface Waiting {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** How long an orderly end may take: a goodbye to the broker is part of it. */
const stopWithinMs = 5_000;

export interface LineListener {
  readonly onStatus: (status: DeviceStatus) => void;
  /** The worker has ended, and not because the page wanted it. */
  readonly onLost: (reason: string) => void;
}

/** A worker that is not there yet may still be on its way through the network. */
const firstWordTakes = 3;

export function workerLine(worker: Worker, { onStatus, onLost }: LineListener): WorkerLine {
  const waiting = new Map<number, Waiting>();
  let nextId = 1;
  let end: string | undefined;
  let firstWord: ReturnType<typeof setTimeout> | undefined;
  let onStopped: () => void = () => undefined;
  const stopped = new Promise<void>((resolve) => {
    onStopped = resolve;
  });
  const send = (message: ToWorker) => worker.postMessage(message);
  const hasEnded = (reason: string) => {
    end ??= reason;
    clearTimeout(firstWord);
    worker.terminate();
    for (const { reject } of waiting.values()) reject(new AgentStoppedError(end));
    waiting.clear();
    onStopped();
  };
  const wasLost = (reason: string) => {
    if (end !== undefined) return;
    hasEnded(reason);
    onLost(reason);
  };

  worker.addEventListener("message", ({ data }: MessageEvent<FromWorker>) => {
    clearTimeout(firstWord);
    switch (data.kind) {
      case "gave-up":
        wasLost(data.reason);
        return;
      case "status":
        onStatus(data.status);
        return;
      case "stopped":
        hasEnded("the agent was closed");
        onStatus({ kind: "stopped" });
        return;
      case "reply": {
        const { id, reply } = data;
        const caller = waiting.get(id);
        waiting.delete(id);
        if (reply.ok) caller?.resolve(reply.answer);
        else caller?.reject(new AgentCallError(reply.name, reply.message));
      }
    }
  });
  worker.addEventListener("error", (event) => {
    wasLost(`the agent's worker failed: ${event.message || "its program could not be loaded"}`);
  });

  return {
    start(options) {
      send({ kind: "start", options });
      const ms = firstWordTakes * options.patienceMs;
      firstWord = setTimeout(() => wasLost(`the agent's worker has not begun within ${ms / 1_000} seconds`), ms);
    },
    call(name, asks, signal) {
      return new Promise((resolve, reject) => {
        signal?.throwIfAborted();
        if (end !== undefined) throw new AgentStoppedError(end);
        const id = nextId++;
        const abort = () => {
          waiting.delete(id);
          send({ kind: "cancel", id });
          reject(signal?.reason as Error);
        };
        const settled = () => signal?.removeEventListener("abort", abort);
        signal?.addEventListener("abort", abort, { once: true });
        waiting.set(id, {
          resolve: (answer) => (settled(), resolve(answer as AgentCalls[typeof name]["answers"])),
          reject: (error) => (settled(), reject(error)),
        });
        send({ kind: "call", id, call: { name, asks } as AgentCall });
      });
    },
    async stop() {
      if (end !== undefined) return;
      send({ kind: "stop" });
      const timer = setTimeout(() => hasEnded("the agent did not end in time"), stopWithinMs);
      await stopped;
      clearTimeout(timer);
    },
    end: hasEnded,
  };
}
