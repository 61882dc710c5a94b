import { DeadlineExceededError, errorOfAnswer, ModelNotReadyError } from "./client-errors.ts";
import type { AgentAddress, Answer, Exchange } from "./http-exchange.ts";
import { HttpExchanger } from "./http-exchange.ts";
import type { InferResult, Sequence } from "./infer-messages.ts";
import { readInferResponse, writeInferRequest } from "./infer-messages.ts";
import type { Datatype, InputTensor } from "./tensors.ts";

export type { AgentAddress } from "./http-exchange.ts";
export type { InferResult, Sequence, SequenceAnswer } from "./infer-messages.ts";
export type { Datatype, Elements, InputTensor, OutputTensor } from "./tensors.ts";
export {
  AgentError,
  AgentUnreachableError,
  DeadlineExceededError,
  InvalidInputError,
  ModelNotReadyError,
  NotFoundError,
  OverloadedError,
} from "./client-errors.ts";

export type ConnectOptions = AgentAddress & {
  /** Requests that are under way at the same time; more wait for a connection. 16 unless said otherwise. */
  readonly maxConnections?: number;
};

export interface CallOptions {
  readonly signal?: AbortSignal;
}

export interface InferOptions extends CallOptions {
  /** From the call on. What the agent has not begun by then it does not do. */
  readonly timeoutMs?: number;
  /** Under this, feedback can be given about the answer. */
  readonly id?: string;
  /** Only this version may answer; otherwise the one that the agent serves. */
  readonly version?: string;
  /** The names of the outputs that are wanted; all, unless said. */
  readonly outputs?: readonly string[];
  /** For a model that keeps state; without one, each request stands alone. Requests of a sequence are sent one after the other. */
  readonly sequence?: Sequence;
}

export interface ModelMetadata {
  readonly name: string;
  /** The serving one first. */
  readonly versions: readonly string[];
  readonly platform: string;
  /** A free dimension is -1. */
  readonly inputs: readonly TensorMetadata[];
  readonly outputs: readonly TensorMetadata[];
}

export interface TensorMetadata {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
}

/** What turned out to be true: a list has one entry for each row of the request. */
export type Feedback =
  | { readonly label: string | readonly string[] }
  | { readonly value: number | readonly number[] }
  | { readonly correct: boolean | readonly boolean[] };

/** Every call rejects with AgentUnreachableError where there is no agent, and with the reason of its signal. */
export interface AgentClient extends Disposable {
  model(name: string): ModelClient;
  /** True when every model of the device can answer. */
  ready(options?: CallOptions): Promise<boolean>;
}

export interface ModelClient {
  /** Rejects with InvalidInputError, NotFoundError, ModelNotReadyError, OverloadedError, DeadlineExceededError or AgentError. */
  infer(inputs: Readonly<Record<string, InputTensor>>, options?: InferOptions): Promise<InferResult>;
  /** Rejects with NotFoundError where the device does not know the model. */
  ready(options?: CallOptions): Promise<boolean>;
  /** Rejects with NotFoundError or ModelNotReadyError. */
  metadata(options?: CallOptions): Promise<ModelMetadata>;
  /** Tells the truth about an answer, once. Rejects with NotFoundError where the answer is not known any more, or InvalidInputError. */
  feedback(id: string, feedback: Feedback, options?: CallOptions): Promise<void>;
}

const utf8 = new TextDecoder();

/**
 * An application's connection to the Sedge agent on its device. Tensors travel as binary data over connections that are kept open.
 * Dispose of it when it is no longer needed.
 *
 * @example
 * ```ts
 * import { connect, OverloadedError } from "sedge/agent";
 *
 * using agent = connect({ socket: "/run/sedge-agent/agent.sock" }); // or { url: "http://localhost:4690" }
 * const digits = agent.model("digits");
 *
 * const image = { data: new Float32Array(28 * 28), dims: [1, 1, 28, 28] };
 * try {
 *   const { version, outputs } = await digits.infer({ image }, { id: "photo-7", timeoutMs: 200 });
 *   console.log(version, outputs["logits"]?.data); // "1.2.0" Float32Array(10) [ … ]
 * } catch (error) {
 *   if (!(error instanceof OverloadedError)) throw error;
 *   console.log(`too much at once; again in ${error.retryAfterMs} ms`);
 * }
 *
 * // Later, when somebody has looked: it counts in the device's next window.
 * await digits.feedback("photo-7", { label: "3" });
 * ```
 */
export function connect(options: ConnectOptions): AgentClient {
  const exchanger = new HttpExchanger(options, options.maxConnections ?? 16);
  return {
    model: (name) => new HttpModelClient(exchanger, `/v2/models/${encodeURIComponent(name)}`),
    ready: ({ signal } = {}) => isReady(exchanger, "/v2/health/ready", signal),
    [Symbol.dispose]: () => exchanger[Symbol.dispose](),
  };
}

class HttpModelClient implements ModelClient {
  readonly #exchanger: HttpExchanger;
  readonly #path: string;

  constructor(exchanger: HttpExchanger, path: string) {
    this.#exchanger = exchanger;
    this.#path = path;
  }

  async infer(inputs: Readonly<Record<string, InputTensor>>, options: InferOptions = {}): Promise<InferResult> {
    const { version, timeoutMs, signal } = options;
    const { json, binary } = writeInferRequest(inputs, options);
    const path = version === undefined ? this.#path : `${this.#path}/versions/${encodeURIComponent(version)}`;
    using deadline = deadlineOf(timeoutMs, signal);
    const answer = await exchange(
      this.#exchanger,
      {
        method: "POST",
        path: `${path}/infer`,
        headers: {
          "content-type": "application/octet-stream",
          "inference-header-content-length": String(Buffer.byteLength(json)),
        },
        parts: [json, ...binary],
      },
      deadline.signal,
    );
    const headerLength = answer.header("inference-header-content-length");
    return readInferResponse(answer.body, headerLength === undefined ? undefined : Number(headerLength));
  }

  ready({ signal }: CallOptions = {}): Promise<boolean> {
    return isReady(this.#exchanger, `${this.#path}/ready`, signal);
  }

  async metadata({ signal }: CallOptions = {}): Promise<ModelMetadata> {
    const { body } = await exchange(this.#exchanger, { method: "GET", path: this.#path }, signal);
    return JSON.parse(utf8.decode(body)) as ModelMetadata;
  }

  async feedback(id: string, feedback: Feedback, { signal }: CallOptions = {}): Promise<void> {
    const headers = { "content-type": "application/json" };
    const parts = [JSON.stringify({ id, ...feedback })];
    await exchange(this.#exchanger, { method: "POST", path: `${this.#path}/feedback`, headers, parts }, signal);
  }
}

async function isReady(exchanger: HttpExchanger, path: string, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    await exchange(exchanger, { method: "GET", path }, signal);
    return true;
  } catch (error) {
    if (error instanceof ModelNotReadyError) return false;
    throw error;
  }
}

/** The answer of an exchange that went well. */
async function exchange(exchanger: HttpExchanger, asked: Exchange, signal: AbortSignal | undefined): Promise<Answer> {
  const answer = await exchanger.send(asked, signal);
  if (answer.status === 200) return answer;
  const retryAfterMs = Number(answer.header("retry-after-ms") ?? 1_000);
  throw errorOfAnswer(answer.status, sentenceIn(answer.body), answer.header("sedge-error"), retryAfterMs);
}

function sentenceIn(body: Uint8Array): string {
  const text = utf8.decode(body);
  try {
    return (JSON.parse(text) as { readonly error: string }).error;
  } catch {
    return text.slice(0, 200);
  }
}

/** The caller's signal and a time limit in one. */
function deadlineOf(
  timeoutMs: number | undefined,
  signal: AbortSignal | undefined,
): Disposable & { readonly signal: AbortSignal | undefined } {
  if (timeoutMs === undefined) return { signal, [Symbol.dispose]: () => undefined };
  const either = new AbortController();
  const timer = setTimeout(
    () => either.abort(new DeadlineExceededError(`there was no answer within ${timeoutMs} ms`)),
    timeoutMs,
  );
  const follow = () => either.abort(signal?.reason);
  if (signal?.aborted === true) follow();
  signal?.addEventListener("abort", follow, { once: true });
  return {
    signal: either.signal,
    [Symbol.dispose]() {
      clearTimeout(timer);
      signal?.removeEventListener("abort", follow);
    },
  };
}
