import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { decodeModel } from "../../control-plane/packaging/onnx/decode.ts";
import { encodeModel } from "../../control-plane/packaging/onnx/encode.ts";
import { readModelSpec } from "../../control-plane/packaging/model-spec.ts";
import type { ModelPackage } from "../../control-plane/packaging/package-model.ts";
import { packageModel } from "../../control-plane/packaging/package-model.ts";
import type { PublisherKey } from "../../control-plane/packaging/publisher-key.ts";
import { digitsDirectory } from "../fixtures/read-digits.ts";

const digits = (name: string) => fileURLToPath(new URL(name, digitsDirectory));

/** As the ONNX format numbers it. */
const float32 = 1;

/**
 * The larger digit reader in float32, for browsers too, with all weights made `stronger` by that factor, as training goes on: what it
 * reads stays the same, and its file resembles the first. 1 leaves it as it is.
 */
export async function packageTunedDigits(
  stronger: number,
  { key, as, directory }: { readonly key: PublisherKey; readonly as: string; readonly directory: string },
): Promise<ModelPackage> {
  const model = decodeModel(new Uint8Array(await readFile(digits("digits-2.onnx"))));
  for (const { dataType, rawData } of model.graph?.initializer ?? []) {
    if (dataType !== float32 || rawData === undefined) continue;
    const weights = new Float32Array(rawData.slice().buffer).map((weight) => weight * stronger);
    rawData.set(new Uint8Array(weights.buffer));
  }
  const file = join(directory, `${as}.onnx`);
  await writeFile(file, encodeModel(model));
  const spec = await readModelSpec(digits("digits-2.yaml"));
  const runtimes = ["onnxruntime-node", "onnxruntime-web"];
  const variants = spec.variants?.filter(({ id }) => id === "fp32").map((variant) => ({ ...variant, file, runtimes }));
  return await packageModel(
    { ...spec, version: as as typeof spec.version, variants },
    key,
    { createdAtMs: 1_000 },
    new AbortController().signal,
  );
}
