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

/** The agent was closed, or its worker has died. */
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
}

interface Waiting {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** How long an orderly end may take: a goodbye to the broker is part of it. */
const stopWithinMs = 5_000;

export function workerLine(worker: Worker, onStatus: (status: DeviceStatus) => void): WorkerLine {
  const waiting = new Map<number, Waiting>();
  let nextId = 1;
  let end: string | undefined;
  let onStopped: () => void = () => undefined;
  const stopped = new Promise<void>((resolve) => {
    onStopped = resolve;
  });
  const send = (message: ToWorker) => worker.postMessage(message);
  const hasEnded = (reason: string) => {
    end ??= reason;
    worker.terminate();
    for (const { reject } of waiting.values()) reject(new AgentStoppedError(end));
    waiting.clear();
    onStopped();
  };

  worker.addEventListener("message", ({ data }: MessageEvent<FromWorker>) => {
    switch (data.kind) {
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
    const reason = `the agent's worker failed: ${event.message || "its program could not be loaded"}`;
    hasEnded(reason);
    onStatus({ kind: "failed", reason });
  });

  return {
    start: (options) => send({ kind: "start", options }),
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
  };
}
