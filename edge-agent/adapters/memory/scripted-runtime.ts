import type { InferenceRuntime, InferenceWorker, LoadableModel } from "../../core/ports.ts";
import { InferenceError, ModelLoadError } from "../../core/ports.ts";
import type { Digest } from "../../../proto/ids.ts";
import type { Tensor } from "../../../proto/tensors.ts";
import type { VirtualClock } from "./virtual-clock.ts";

/**
 * A model whose file is this, as JSON: output element i of a row is `(i + 1) x mean of the row's input + offset`.
 * Everything else is how it misbehaves.
 */
export interface ModelScript {
  readonly name: string;
  readonly offset?: number;
  readonly loadError?: string;
  /** Every n-th inference fails. */
  readonly failsEvery?: number;
  /** The worker stops in the n-th inference of its life. */
  readonly crashesAt?: number;
  /** Only inputs with a mean above this are misbehaved on: golden inputs may pass where real ones do not. */
  readonly misbehavesAbove?: number;
  /** Of rows with a mean above this, the outputs have the other sign. */
  readonly contradictsAbove?: number;
  readonly latencyMs?: number;
  /** Each row of a run is answered as if it had the mean of all. */
  readonly mixesRows?: boolean;
  /** The worker stops in a run of more rows. */
  readonly mostRows?: number;
  /** What its process takes. */
  readonly memoryBytes?: number;
}

export function scriptBytes(script: ModelScript): Uint8Array {
  return Buffer.from(JSON.stringify(script));
}

/** Runs model scripts from the files of one device. */
export function scriptedRuntime(
  files: Pick<ReadonlyMap<Digest, Uint8Array>, "get">,
  clock: VirtualClock,
): InferenceRuntime {
  return {
    name: "onnxruntime-node",
    version: "1.30.0",
    async start(model, signal) {
      signal.throwIfAborted();
      const bytes = files.get(model.file);
      if (bytes === undefined) throw new ModelLoadError(`${model.location} is not there`);
      const script = readScript(bytes);
      if (script.loadError !== undefined) throw new ModelLoadError(script.loadError);
      return new ScriptedWorker(script, model, clock);
    },
  };
}

function readScript(bytes: Uint8Array): ModelScript {
  try {
    return JSON.parse(Buffer.from(bytes).toString()) as ModelScript;
  } catch (error) {
    throw new ModelLoadError("the file is no model script", { cause: error });
  }
}

class ScriptedWorker implements InferenceWorker {
  readonly stopped: Promise<string>;
  readonly #script: ModelScript;
  readonly #model: LoadableModel;
  readonly #clock: VirtualClock;
  #stop: (reason: string) => void = () => undefined;
  #stopReason: string | undefined;
  #inferences = 0;

  constructor(script: ModelScript, model: LoadableModel, clock: VirtualClock) {
    this.#script = script;
    this.#model = model;
    this.#clock = clock;
    this.stopped = new Promise((resolve) => {
      this.#stop = (reason) => {
        this.#stopReason ??= reason;
        resolve(reason);
      };
    });
  }

  async infer(inputs: readonly Tensor[], signal: AbortSignal): Promise<readonly Tensor[]> {
    signal.throwIfAborted();
    this.#assertRunning();
    const [spec] = this.#model.inputs;
    const input = inputs.find(({ name }) => name === spec?.name);
    if (input === undefined) throw new InferenceError("input", `input "${spec?.name ?? ""}" is missing`);
    const { latencyMs, crashesAt, failsEvery, misbehavesAbove, mixesRows, mostRows } = this.#script;
    if (latencyMs !== undefined) await this.#clock.sleep(latencyMs, signal);
    this.#assertRunning();
    const own = rowMeans(input);
    const mean = own.reduce((sum, one) => sum + one, 0) / own.length;
    const means = mixesRows === true ? own.map(() => mean) : own;
    if (own.length > (mostRows ?? Number.POSITIVE_INFINITY)) {
      this.#stop("it was ended by SIGKILL");
      throw new InferenceError("worker-lost", "it was ended by SIGKILL");
    }
    if (Math.max(...means) > (misbehavesAbove ?? Number.NEGATIVE_INFINITY)) {
      this.#inferences++;
      if (this.#inferences === crashesAt) {
        this.#stop("it was ended by SIGSEGV");
        throw new InferenceError("worker-lost", "it was ended by SIGSEGV");
      }
      if (failsEvery !== undefined && this.#inferences % failsEvery === 0)
        throw new InferenceError("runtime", "the script says so");
    }
    return this.#model.outputs.map(({ name, shape }) => this.#output(name, Number(shape.at(-1)), means));
  }

  async memoryBytes(): Promise<number> {
    return this.#stopReason === undefined ? (this.#script.memoryBytes ?? 0) : 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop("it was no longer needed");
  }

  #assertRunning(): void {
    if (this.#stopReason !== undefined) throw new InferenceError("worker-lost", this.#stopReason);
  }

  #output(name: string, width: number, means: readonly number[]): Tensor {
    const { offset = 0, contradictsAbove = Number.POSITIVE_INFINITY } = this.#script;
    const values = means.flatMap((mean) => {
      const sign = mean > contradictsAbove ? -1 : 1;
      return Array.from({ length: width }, (_, i) => sign * ((i + 1) * mean + offset));
    });
    return {
      name,
      dataType: "float32",
      dims: [means.length, width],
      rawData: new Uint8Array(Float32Array.from(values).buffer),
    };
  }
}

function rowMeans({ rawData, dims }: Tensor): readonly number[] {
  const values = new Float32Array(new Uint8Array(rawData).buffer);
  const rows = dims[0] ?? 1;
  const width = values.length / rows;
  const sumOf = (row: number) => values.subarray(row * width, (row + 1) * width).reduce((sum, value) => sum + value, 0);
  return Array.from({ length: rows }, (_, row) => sumOf(row) / width);
}
