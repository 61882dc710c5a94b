import { tmpdir } from "node:os";
import type { InferenceRuntime, Logger } from "../../core/ports.ts";
import type { EngineChoice } from "./inference-engine.ts";
import type { OnnxRuntimeOptions } from "./onnxruntime-child.ts";
import { onnxRuntimeInChild } from "./onnxruntime-child.ts";
import { probeRuntime } from "./probe-runtime.ts";

export interface RuntimeWish extends Omit<OnnxRuntimeOptions, "engine"> {
  readonly choice: EngineChoice;
  /** The agent's own directory: the probe's file lies there for a moment. */
  readonly data: string;
  readonly log: Logger;
}

/**
 * The runtime that this agent uses until it ends. There is no library of machine code for every processor and system (32-bit ARM,
 * musl, an old C library), nor is it always installed; WebAssembly runs wherever Node does, several times slower. Where neither
 * works the first is kept, so that whoever looks sees what is wrong with it.
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
  const native = onnxRuntimeInChild({ ...options, engine: "native" });
  const wasm = onnxRuntimeInChild({ ...options, engine: "wasm" });
  if (choice !== "auto") return told(choice === "native" ? native : wasm, `the configuration asks for ${choice}`);
  const directories = [data, tmpdir()];
  const nativeProbe = await probeRuntime(native, directories, signal);
  if (nativeProbe.kind !== "fails") return told(native, "");
  const whyNot = `${native.name} does not run here: ${nativeProbe.reason}`;
  const wasmProbe = await probeRuntime(wasm, directories, signal);
  if (wasmProbe.kind !== "fails") return told(wasm, whyNot);
  log.error({ native: nativeProbe.reason, wasm: wasmProbe.reason }, "no runtime for models runs on this machine");
  return { ...native, choiceReason: whyNot };
}
