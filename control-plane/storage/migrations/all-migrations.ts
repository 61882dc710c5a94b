import type { Migration } from "kysely";
import { production } from "./0004-production.ts";
import { first } from "./0001-first.ts";
import { aliases } from "./0002-aliases.ts";
import { deltas } from "./0003-deltas.ts";
import { archive } from "./0005-archive.ts";
import { operators } from "./0006-operators.ts";
import { deviceSettings } from "./0009-device-settings.ts";
import { samples } from "./0007-samples.ts";
import { telemetryAccounts } from "./0008-telemetry-accounts.ts";
import { quarantine } from "./0010-quarantine.ts";
import { logsAndRequests } from "./0011-logs-and-requests.ts";
import { sampleParts } from "./0012-sample-parts.ts";
import { shadowWindows } from "./0013-shadow-windows.ts";
import { steeredRequests } from "./0014-steered-requests.ts";
import { modelUse } from "./0015-model-use.ts";
import { countedRequests } from "./0016-counted-requests.ts";
import { storedBytes } from "./0017-stored-bytes.ts";

/** Every migration, in order of its name. A static map: nothing is read from the disk, and a bundle holds them all. */
export const allMigrations: Readonly<Record<string, Migration>> = {
  "0001-first": first,
  "0002-aliases": aliases,
  "0003-deltas": deltas,
  "0004-production": production,
  "0005-archive": archive,
  "0006-operators": operators,
  "0007-samples": samples,
  "0008-telemetry-accounts": telemetryAccounts,
  "0009-device-settings": deviceSettings,
  "0010-quarantine": quarantine,
  "0011-logs-and-requests": logsAndRequests,
  "0012-sample-parts": sampleParts,
  "0013-shadow-windows": shadowWindows,
  "0014-steered-requests": steeredRequests,
  "0015-model-use": modelUse,
  "0016-counted-requests": countedRequests,
  "0017-stored-bytes": storedBytes,
};
