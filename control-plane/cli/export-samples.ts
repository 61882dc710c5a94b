import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bytesOfBase64 } from "../../proto/bytes.ts";
import { decodeGoldenSet } from "../../proto/codec/golden.ts";
import type { OpenedSampleView } from "../http/views.ts";
import { writeTestDataSet } from "../packaging/samples/test-data-sets.ts";
import type { ApiClient, SampleFilter } from "./api-client.ts";
import { usageError } from "./exit-codes.ts";

export interface SamplesExported {
  readonly directory: string;
  readonly samples: number;
  /** Sealed for a key that the control plane does not hold. */
  readonly unreadable: number;
}

const pageSize = 100;

/**
 * Writes samples as `test_data_set_N` (ONNX's own way to keep samples) with a `meta.json` beside the tensors, the newest first: a
 * directory that calibration and held-out sets take as it is. The expected outputs in it are what the model answered, not what is true.
 */
export async function exportSamples(
  api: ApiClient,
  filter: SampleFilter & { readonly model: string },
  limit: number,
  directory: string,
): Promise<SamplesExported> {
  await mkdir(directory, { recursive: true });
  if ((await readdir(directory)).length > 0)
    throw usageError(`${directory} is not empty: samples of two exports would be mixed up; name another directory`);
  let written = 0;
  let unreadable = 0;
  let beforeId: number | undefined;
  while (written < limit) {
    const page = await api.openSamples({
      ...filter,
      ...(beforeId !== undefined && { beforeId }),
      limit: Math.min(pageSize, limit - written),
    });
    for (const sample of page)
      if (await writeSample(directory, written, sample)) written++;
      else unreadable++;
    beforeId = page.at(-1)?.id;
    if (beforeId === undefined) break;
  }
  return { directory, samples: written, unreadable };
}

async function writeSample(directory: string, index: number, sample: OpenedSampleView): Promise<boolean> {
  const { content, ...head } = sample;
  const bytes = content === undefined ? undefined : bytesOfBase64(content);
  const golden = bytes && decodeGoldenSet(bytes);
  const opened = golden?.ok === true ? golden.value.cases[0] : undefined;
  if (opened === undefined) return false;
  await writeTestDataSet(directory, index, opened);
  const about = {
    device: head.device,
    model: head.model,
    version: head.version,
    package: head.package,
    variant: head.variant,
    takenAt: new Date(head.takenAtMs).toISOString(),
    reason: head.reason,
    inclusionProbability: head.inclusionProbability,
    request: head.request,
  };
  await writeFile(join(directory, `test_data_set_${index}`, "meta.json"), `${JSON.stringify(about, undefined, 2)}\n`);
  return true;
}
