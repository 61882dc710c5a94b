import { readConfig } from "../../../control-plane/server/config.ts";
import { createLogger } from "../../../control-plane/server/logger.ts";
import { startControlPlane } from "../../../control-plane/server/services.ts";

/** A control plane on free ports; says its ports as JSON when it is ready. Argument: the data directory. */
const config = await readConfig({
  environment: {},
  flags: { data: process.argv[2], "http.port": "0", "mqtt.port": "0", "log.level": "warn" },
});
const controlPlane = await startControlPlane(config, createLogger(config.log, process.stderr), "0.0.0-test");
process.stdout.write(`${JSON.stringify(controlPlane.addresses)}\n`);
