import type { Command } from "commander";
import { packageVersion } from "../package-version.ts";
import type { Surroundings } from "../session.ts";
import { openSession } from "../session.ts";

interface ServeOptions {
  readonly data?: string;
  readonly config?: string;
  readonly httpHost?: string;
  readonly httpPort?: string;
  readonly mqttHost?: string;
  readonly mqttPort?: string;
  readonly webSocketPort?: string;
  readonly devicePage?: string | true;
  readonly tlsCertificate?: string;
  readonly tlsKey?: string;
  readonly driftWindow?: string;
  readonly telemetryWindow?: string;
  readonly telemetryRetention?: string;
  readonly telemetryMebibytes?: string;
  readonly logLevel?: string;
  readonly logFormat?: string;
}

export function addServeCommand(program: Command, surroundings: Surroundings): void {
  program
    .command("serve")
    .description("run a control plane: broker, HTTP interface, database and artifacts in one process")
    .option("--config <file>", "settings in YAML; flags are stronger, SEDGE_* variables weaker")
    .option("--http-host <address>", "where the HTTP interface listens (127.0.0.1)")
    .option("--http-port <port>", "0 takes a free one (4680)")
    .option("--mqtt-host <address>", "where the broker listens (127.0.0.1)")
    .option("--mqtt-port <port>", "0 takes a free one (1883)")
    .option("--web-socket-port <port>", "MQTT over WebSocket too (off)")
    .option("--device-page [folder]", "serve the page with which a browser becomes a device, at /device/ (off)")
    .option("--tls-certificate <file>", "PEM, with those above it: every port speaks TLS (off)")
    .option("--tls-key <file>", "its private key, PEM")
    .option("--drift-window <duration>", "how often drift is judged (5m)")
    .option("--telemetry-window <duration>", "how long a device counts before it sends (1m)")
    .option("--telemetry-retention <duration>", "how long telemetry is kept (14d)")
    .option("--telemetry-mebibytes <number>", "how much of it is kept; the oldest goes first (4096)")
    .option("--log-level <level>", "least important lines that are written: debug, info, warn or error (info)")
    .option("--log-format <format>", "json, pretty, or auto: pretty on a terminal (auto)")
    .action(async (_options: object, command: Command) => {
      // Loaded when needed: the broker and the database are most of what this program is made of.
      const { readConfig } = await import("../../server/config.ts");
      const { createLogger } = await import("../../server/logger.ts");
      const { runServer } = await import("../../server/run-server.ts");
      const session = openSession(surroundings, command);
      const { config: file, ...flags } = command.optsWithGlobals<ServeOptions>();
      const config = await readConfig({ environment: surroundings.environment, file, flags: settingsOf(flags) });
      const { terminal, signal } = surroundings;
      const log = createLogger(config.log, { isTTY: terminal.isErrorTTY, write: terminal.err });
      await runServer(
        config,
        {
          log,
          version: packageVersion(),
          ready: ({ addresses, dataDirectory, operatorTokenFile }) => {
            session.show({ ...addresses, data: dataDirectory, operatorTokenFile }, () =>
              [
                `HTTP            ${addresses.http}`,
                `MQTT            ${addresses.mqttTcp}`,
                ...(addresses.mqttWebSocket === undefined ? [] : [`MQTT WebSocket  ${addresses.mqttWebSocket}`]),
                ...(addresses.devicePage === undefined ? [] : [`device page     ${addresses.devicePage}`]),
                `data            ${dataDirectory}`,
                `operator token  ${operatorTokenFile}`,
                "",
              ].join("\n"),
            );
            if (terminal.isTTY) session.tell("\nCtrl-C ends it. In another terminal: sedge status\n");
          },
        },
        signal,
      );
    });
}

function settingsOf(flags: Omit<ServeOptions, "config">) {
  return {
    data: flags.data,
    "http.host": flags.httpHost,
    "http.port": flags.httpPort,
    "mqtt.host": flags.mqttHost,
    "mqtt.port": flags.mqttPort,
    "mqtt.webSocketPort": flags.webSocketPort,
    "http.devicePage": flags.devicePage === true ? "built" : flags.devicePage,
    "tls.certificate": flags.tlsCertificate,
    "tls.key": flags.tlsKey,
    "drift.window": flags.driftWindow,
    "telemetry.window": flags.telemetryWindow,
    "telemetry.retention": flags.telemetryRetention,
    "telemetry.mebibytes": flags.telemetryMebibytes,
    "log.level": flags.logLevel,
    "log.format": flags.logFormat,
  };
}
