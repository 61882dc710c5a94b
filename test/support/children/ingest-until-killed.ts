import { createTelemetryIngest } from "../../../control-plane/application/telemetry-ingest.ts";
import { systemClock } from "../../../control-plane/server/system-clock.ts";
import { openDatabase } from "../../../control-plane/storage/database.ts";
import { aDevice, aRecord, aWindow } from "../messages.ts";
import { newVersion } from "../rollout-builders.ts";

/** Takes in one record after another for ever, and says each acknowledgement. Argument: the database file. */
const database = await openDatabase(process.argv[2] as string);
const fail = (_fields: object, sentence: string) => {
  throw new Error(sentence);
};
const ingest = createTelemetryIngest({
  database,
  gateway: {
    async send(_device, message) {
      if (message.kind === "ack") process.stdout.write(`${message.through}\n`);
      return true;
    },
  },
  clock: systemClock,
  log: { debug: fail, info: fail, warn: fail, error: fail },
  limits: { flushMs: 0 },
});
for (let seq = 1; ; seq++) {
  const record = aRecord(seq, aWindow({ package: newVersion.package, inferences: seq }));
  ingest.accept(aDevice, { kind: "telemetry", lane: "windows", epoch: "e1", records: [record] });
  if (seq % 3 === 0) await new Promise((resolve) => setImmediate(resolve));
}
