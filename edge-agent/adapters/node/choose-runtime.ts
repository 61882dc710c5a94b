import { tmpdir } from "node:os";
import type { InferenceRuntime, Logger } from "../../core/ports.ts";
import type { EngineChoice, EngineName } from "./inference-engine.ts";
import type { OnnxRuntimeOptions } from "./onnxruntime-child.ts";
import { onnxRuntimeInChild } from "./onnxruntime-child.ts";
import { probeRuntime } from "./probe-runtime.ts";
import { SpareProcess } from "./spare-process.ts";

export interface RuntimeWish extends Pick<OnnxRuntimeOptions, "maxMemoryBytes"> {
  readonly choice: EngineChoice;
  /** The agent's own directory: the probe's file lies there for a moment. */
  readonly data: string;
  readonly log: Logger;
}

/**
 * The runtime that this agent uses until it ends. There is no library of machine code for every processor and system (32-bit ARM,
 * musl, an old C library), nor is it always installed; WebAssembly runs wherever Node does, several times slower. Where neither
 * works the first is kept, so that whoever looks sees what is wrong with it. The process of the trial is there for the first model that
 * is started, for a few seconds or until `signal`.
 */
export async function chooseRuntime(
  { choice, data, log, ...options }: RuntimeWish,
  signal: AbortSignal,
): Promise<InferenceRuntime> {
  const told = (runtime: InferenceRuntime, choiceReason: string) => {
    const { name, version } = runtime;
    log.info({ name, version, reason: choiceReason }, "the runtime for models was chosen");
    return { ...runtime, choiceReason };
  };
  const spare = new SpareProcess();
  signal.addEventListener("abort", () => spare.end(), { once: true });
  const native = onnxRuntimeInChild({ ...options, engine: "native", takeFrom: spare });
  const wasm = onnxRuntimeInChild({ ...options, engine: "wasm", takeFrom: spare });
  if (choice !== "auto") return told(choice === "native" ? native : wasm, `the configuration asks for ${choice}`);
  const directories = [data, tmpdir()];
  const probe = (engine: EngineName) =>
    probeRuntime(onnxRuntimeInChild({ ...options, engine, leaveTo: spare }), directories, signal);
  const nativeProbe = await probe("native");
  if (nativeProbe.kind !== "fails") return told(native, "");
  const whyNot = `${native.name} does not run here: ${nativeProbe.reason}`;
  const wasmProbe = await probe("wasm");
  if (wasmProbe.kind !== "fails") return told(wasm, whyNot);
  log.error({ native: nativeProbe.reason, wasm: wasmProbe.reason }, "no runtime for models runs on this machine");
  return { ...native, choiceReason: whyNot };
}
