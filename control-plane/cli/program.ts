import { Command, Option } from "commander";
import { addBackupCommand } from "./commands/backup.ts";
import { addCompletionCommand } from "./commands/completion.ts";
import { addDemoCommand } from "./commands/demo.ts";
import { addDeviceCommands } from "./commands/device.ts";
import { addDriftCommands } from "./commands/drift.ts";
import { addEventsCommands } from "./commands/events.ts";
import { addKeyCommands } from "./commands/key.ts";
import { addModelCommands } from "./commands/model.ts";
import { addOperatorCommands } from "./commands/operator.ts";
import { addPublisherCommands } from "./commands/publisher.ts";
import { addRolloutCommands } from "./commands/rollout.ts";
import { addSampleCommands } from "./commands/sample.ts";
import { addSettingsCommands } from "./commands/settings.ts";
import { addServeCommand } from "./commands/serve.ts";
import { addStatusCommand } from "./commands/status.ts";
import { exitCodesHelp } from "./exit-codes.ts";
import type { Surroundings } from "./session.ts";

const environmentHelp = `
Which control plane: --server and --token, or --data; else SEDGE_SERVER and SEDGE_TOKEN;
else the one that \`sedge serve\` runs on this machine.`;

/** The whole command line. Each command loads what is heavy only when it runs, so that help is quick. */
export function createProgram(surroundings: Surroundings, version: string): Command {
  const program = new Command("sedge")
    .description("Manages fleets of machine-learning models on devices.")
    .version(version)
    .addOption(
      new Option("-o, --output <format>", "how results are written").choices(["table", "json"]).default("table"),
    )
    .option("--server <url>", "address of the control plane")
    .option("--token <token>", "operator token; others on this machine can see it here, SEDGE_TOKEN they cannot")
    .option(
      "--ca <file>",
      "PEM of the authority that vouches for the control plane (else SEDGE_CA, and those that the system knows)",
    )
    .option(
      "--data <directory>",
      "data directory of the control plane on this machine (else SEDGE_DATA, else ./.sedge)",
    )
    .configureHelp({ showGlobalOptions: true })
    .addHelpText("after", environmentHelp + "\n" + exitCodesHelp);

  addDemoCommand(program, surroundings);
  addServeCommand(program, surroundings);
  addStatusCommand(program, surroundings);
  addBackupCommand(program, surroundings);
  addDeviceCommands(program, surroundings);
  addModelCommands(program, surroundings);
  addKeyCommands(program, surroundings);
  addPublisherCommands(program, surroundings);
  addOperatorCommands(program, surroundings);
  addRolloutCommands(program, surroundings);
  addDriftCommands(program, surroundings);
  addSampleCommands(program, surroundings);
  addSettingsCommands(program, surroundings);
  addEventsCommands(program, surroundings);
  addCompletionCommand(program, surroundings);
  return program;
}
