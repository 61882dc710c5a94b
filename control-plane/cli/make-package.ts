import type { ModelPackage } from "../packaging/package-model.ts";
import { packageModel } from "../packaging/package-model.ts";
import type { ModelSpec } from "../packaging/model-spec.ts";
import { noProgress } from "../packaging/progress.ts";
import type { PublisherKey } from "../packaging/publisher-key.ts";
import { baseScalesFrom } from "./base-scales.ts";
import { packageReport } from "./package-report.ts";
import { packageVersion } from "./package-version.ts";
import { progressBar } from "./progress-bar.ts";
import type { Session } from "./session.ts";

/** Packages and signs here, and shows how the variants did. `base` names the parent version: see baseScalesFrom. */
export async function makePackage(
  session: Session,
  spec: ModelSpec,
  key: PublisherKey,
  base: string | undefined,
): Promise<ModelPackage> {
  const progress =
    session.json && !session.terminal.isErrorTTY ? noProgress : progressBar(session.terminal, session.now);
  const baseScalesOf = base === undefined ? () => undefined : await baseScalesFrom(session, base);
  const options = { createdAtMs: session.now(), tool: `sedge ${packageVersion()}`, baseScalesOf, progress };
  const made = await packageModel(spec, key, options, session.signal);
  session.tell(packageReport(made, session.terminal.paintError));
  for (const warning of made.warnings) session.tell(session.terminal.paintError("yellow", warning));
  return made;
}
