import type { ModelPackage } from "../packaging/package-model.ts";
import { packageModel } from "../packaging/package-model.ts";
import type { ModelSpec } from "../packaging/model-spec.ts";
import { decodeModel } from "../packaging/onnx/decode.ts";
import { noProgress } from "../packaging/progress.ts";
import type { PublisherKey } from "../packaging/publisher-key.ts";
import { scalesOf } from "../packaging/quantization/stored-weight-names.ts";
import { readModelFile } from "../packaging/read-model-file.ts";
import { packageReport } from "./package-report.ts";
import { packageVersion } from "./package-version.ts";
import { progressBar } from "./progress-bar.ts";
import type { Session } from "./session.ts";

/** Packages and signs here, and shows how the variants did. `baseFile` is a quantized file of the parent version. */
export async function makePackage(
  session: Session,
  spec: ModelSpec,
  key: PublisherKey,
  baseFile: string | undefined,
): Promise<ModelPackage> {
  const progress =
    session.json && !session.terminal.isErrorTTY ? noProgress : progressBar(session.terminal, session.now);
  const baseScales = baseFile === undefined ? undefined : scalesOf(decodeModel(await readModelFile(baseFile)));
  const options = { createdAtMs: session.now(), tool: `sedge ${packageVersion()}`, baseScales, progress };
  const made = await packageModel(spec, key, options, session.signal);
  session.tell(packageReport(made, session.terminal.paintError));
  return made;
}
