/** The edge agent as a device of the conformance suite: `sedge-agent run` with what the environment says. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { saveEnrolment } from "../../edge-agent/adapters/node/credential-store.ts";
import { keyIdOf } from "../../edge-agent/adapters/node/node-crypto.ts";
import type { TrustedKey } from "../../edge-agent/core/ports.ts";
import { parseDeviceId } from "../../proto/ids.ts";

const given = (name: string): string => process.env[name] ?? "";
const data = given("SEDGE_DATA");
await saveEnrolment(data, {
  // Nothing listens there: all files come over MQTT.
  server: "http://127.0.0.1:9",
  secret: given("SEDGE_SECRET"),
  mqttUrls: [`mqtt://${given("SEDGE_MQTT_HOST")}:${given("SEDGE_MQTT_PORT")}`],
  hardware: undefined,
  trust: {
    device: parseDeviceId(given("SEDGE_DEVICE")),
    director: key("SEDGE_DIRECTOR_KEY"),
    publishers: [key("SEDGE_PUBLISHER_KEY")],
  },
});
const config = join(data, "agent.json");
await writeFile(config, JSON.stringify({ http: { port: 0 }, retry: { baseMs: 50, capMs: 400 } }));
process.argv.push("run", "--data", data, "--config", config);
await import("../../edge-agent/daemon/main.ts");

function key(name: string): TrustedKey {
  const publicKey = given(name);
  const keyId = keyIdOf(publicKey);
  if (keyId === undefined) throw new Error(`${name} is no public key`);
  return { keyId, publicKey };
}
