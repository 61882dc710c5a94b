import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Tensor } from "../../proto/tensors.ts";
import type { StreamSource } from "../../proto/streams.ts";
import { streamValues } from "../../proto/streams.ts";
import type { InputRows } from "./input-rows.ts";
import type { ModelChild, ModelChildLimits } from "./model-child.ts";
import { startModelChild } from "./model-child.ts";
import type { StreamRow } from "./reference-profile.ts";
import { tensorValues } from "../../proto/tensor-value.ts";

/** What one variant answers. */
export interface VariantRun {
  /** The outputs for each golden input. */
  readonly golden: readonly (readonly Tensor[])[];
  /** The stream values of each reference row. */
  readonly streams: readonly StreamRow[];
}

/** Runs a model over golden inputs and reference rows, one row at a time as devices do, in a child process. */
export async function runVariant(
  model: Uint8Array,
  source: StreamSource,
  golden: InputRows,
  reference: InputRows,
  limits: ModelChildLimits,
  signal: AbortSignal,
): Promise<VariantRun> {
  return withModelFile(model, signal, async (file) => {
    await using child = await startModelChild(file, limits, signal);
    return {
      golden: await forEachRow(golden, (row) => child.run(row)),
      streams: await forEachRow(reference, (row) => streamRow(child, source, row)),
    };
  });
}

/**
 * Hands out the model as a file for as long as `use` takes. It stands alone in a directory of its own: onnxruntime lets a model read any
 * file beside it.
 */
export async function withModelFile<T>(
  model: Uint8Array | readonly Uint8Array[],
  signal: AbortSignal,
  use: (file: string) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const directory = await mkdtemp(join(tmpdir(), "sedge-model-"));
  try {
    const file = join(directory, "model.onnx");
    await writeFile(file, model, { mode: 0o600 });
    return await use(file);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function forEachRow<T>(rows: InputRows, run: (row: readonly Tensor[]) => Promise<T>): Promise<readonly T[]> {
  const results: T[] = [];
  for (let i = 0; i < rows.count; i++) results.push(await run(await rows.row(i)));
  return results;
}

async function streamRow(child: ModelChild, source: StreamSource, row: readonly Tensor[]): Promise<StreamRow> {
  const outputs = await child.run(row);
  return streamValues(source, tensorValues(row), tensorValues(outputs), 0, 1);
}
