#!/usr/bin/env -S node --single-threaded-gc --max-semi-space-size=1 --max-old-space-size=256
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { agentVersion } from "./agent-version.ts";
import type { EnrolCommandFlags } from "./enrol-command.ts";
import { exitCodeOf, exitCodes, exitCodesHelp } from "./exit-codes.ts";
import type { LogsCommandFlags } from "./logs-command.ts";
import type { ResetCommandFlags } from "./reset-command.ts";
import type { RollbackCommandFlags } from "./rollback-command.ts";
import type { RunCommandFlags } from "./run-command.ts";
import type { ServiceCommandFlags } from "./service/service-command.ts";

// The options above keep the heap of a daemon that runs for months from growing with the pace of its inferences (by 40 MB and
// more); the largest request that the local API takes needs 190 MB of it for a moment.
// The commands are imported only when they run: `--help` answers at once, and the daemon holds nothing that it does not use.

// Whoever keeps three bytes of Node's pool keeps the 8 KiB from which they were cut, and mqtt-packet keeps such a piece for every
// length that a message ever had. Without the pool, a piece is as large as it is.
Buffer.poolSize = 0;

interface ConfigFlags {
  readonly data?: string;
  readonly config?: string;
}

interface AnswerFlags extends ConfigFlags {
  readonly output: "text" | "json";
}

const program = new Command("sedge-agent")
  .description(
    "Runs models on this device: takes what the control plane assigns, answers inferences, reports what it sees.",
  )
  .version(agentVersion)
  .addHelpText("after", exitCodesHelp)
  .exitOverride();

command("enrol", "exchange a one-time token for this device's own credential")
  .requiredOption("--server <url>", "address of the control plane, such as http://hub.local:8080")
  .requiredOption("--token <token>", "one-time token, from `sedge device token`")
  .option("--id <id>", "name of this device; the control plane makes one otherwise")
  .option("--label <key=value>", "label of this device; may be repeated", addLabel, {})
  .option(
    "--server-ca <sha256:fingerprint|file>",
    "who vouches for the control plane over TLS, where the system knows nobody",
  )
  .option("--hardware <name>", "name of the hardware, such as rpi-5")
  .option(
    "--publisher-key <keyid>",
    "refuse a control plane that does not name this publisher; may be repeated",
    append,
    [],
  )
  .option("--force", "replace an enrolment that is there", false)
  .action(async (flags: EnrolCommandFlags) => {
    const { enrolCommand } = await import("./enrol-command.ts");
    await enrolCommand(flags);
  });

command("run", "run the agent until it is told to stop (SIGTERM or SIGINT; a second one ends it at once)")
  .option("--read-only-root", "write nowhere but in the data directory and in the service's runtime directory", false)
  .action(async (flags: RunCommandFlags) => {
    const { runCommand } = await import("./run-command.ts");
    await runCommand(flags);
  });

answering("status", "ask the running agent how it is").action(async (flags: AnswerFlags) => {
  const { statusCommand } = await import("./status-command.ts");
  await statusCommand(flags);
});

answering("models", "the models on this device and their slots; also while no agent runs").action(
  async (flags: AnswerFlags) => {
    const { modelsCommand } = await import("./models-command.ts");
    await modelsCommand(flags);
  },
);

answering("doctor", "look for what is wrong with this device, and say what to do")
  .option("--offline", "ask nothing of the network", false)
  .action(async (flags: AnswerFlags & { readonly offline: boolean }) => {
    const { doctorCommand } = await import("./doctor/doctor-command.ts");
    if (!(await doctorCommand(flags))) process.exitCode = exitCodes.failed;
  });

answering("logs", "the agent's last log lines; also after it has ended")
  .option("-f, --follow", "go on with those that come", false)
  .addOption(
    new Option("--level <level>", "the least that is shown")
      .choices(["debug", "info", "warn", "error"])
      .default("info"),
  )
  .option("-n, --lines <count>", "how many of the newest", readCount, 200)
  .action(async (flags: LogsCommandFlags) => {
    const { logsCommand } = await import("./logs-command.ts");
    await logsCommand(flags, new AbortController().signal);
  });

answering("rollback", "take a model back to the version before; the rollout that brought it hears of it")
  .argument("<model>", "name of the model")
  .option("--reason <text>", "why, for whoever looks at the rollout")
  .option("--faulty", "the version is at fault: count it as failed, which may end its rollout", false)
  .action(async (model: string, flags: RollbackCommandFlags) => {
    const { rollbackCommand } = await import("./rollback-command.ts");
    await rollbackCommand(model, flags);
  });

answering("reset", "remove what the agent keeps; refused while it runs")
  .option("--models", "the models and what was assigned", false)
  .option("--spool", "telemetry that was not sent yet", false)
  .option("--credential", "the enrolment", false)
  .option("--logs", "the agent's log", false)
  .option("--factory", "the models and what was assigned, where one that came with the device takes over", false)
  .option("--all", "all of these", false)
  .option("-y, --yes", "do not ask", false)
  .action(async (flags: ResetCommandFlags) => {
    const { resetCommand } = await import("./reset-command.ts");
    await resetCommand(flags);
  });

const service = program.command("service").description("the agent as a service of the system");
withConfig(service.command("print"))
  .description(
    "print a systemd unit for this program: sedge-agent service print > /etc/systemd/system/sedge-agent.service",
  )
  .option("--user <name>", "who runs it", "sedge-agent")
  .option("--memory-max <size>", "memory of the agent and all models together, as systemd has it", "75%")
  .option("--cpu-quota <percent>", "most that it may take of the processor; 100% is one core")
  .action(async (flags: ServiceCommandFlags) => {
    const { printServiceCommand } = await import("./service/service-command.ts");
    await printServiceCommand(flags);
  });

try {
  await program.parseAsync();
} catch (error) {
  // Commander has said what is wrong; asking for help is no mistake.
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  else {
    process.stderr.write(`sedge-agent: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = exitCodeOf(error);
  }
}

function command(name: string, description: string): Command {
  return withConfig(program.command(name)).description(description);
}

/** A command whose answer a program may read too. */
function answering(name: string, description: string): Command {
  return command(name, description).addOption(
    new Option("-o, --output <form>", "form of the answer").choices(["text", "json"]).default("text"),
  );
}

function withConfig(to: Command): Command {
  return to
    .option("--data <directory>", "where the agent keeps everything (default: /var/lib/sedge-agent)")
    .addOption(
      new Option(
        "--config <file>",
        "configuration in YAML or JSON; environment variables SEDGE_AGENT_... override it",
      ).env("SEDGE_AGENT_CONFIG"),
    );
}

function addLabel(text: string, labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const at = text.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("a label is key=value, such as site=lyon");
  return { ...labels, [text.slice(0, at)]: text.slice(at + 1) };
}

function append(text: string, list: readonly string[]): readonly string[] {
  return [...list, text];
}

function readCount(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("it must be a whole number above 0");
}
