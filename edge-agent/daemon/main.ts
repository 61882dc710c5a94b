#!/usr/bin/env -S node --max-semi-space-size=1 --max-old-space-size=256
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { agentVersion } from "./agent-version.ts";

// The options above keep the heap of a daemon that runs for months from growing with the pace of its inferences (by 40 MB and
// more); the largest request that the local API takes needs 190 MB of it for a moment.
// The commands are imported only when they run: `--help` answers at once, and the daemon holds nothing that it does not use.

const exitCodes = `
Exit codes:
  0  done
  1  failed; the reason is on standard error
  2  the command line or the configuration cannot be used`;

const usageError = 2;

interface EnrolFlags {
  readonly server: string;
  readonly token: string;
  readonly id?: string;
  readonly label: Readonly<Record<string, string>>;
  readonly hardware?: string;
  readonly publisherKey: readonly string[];
  readonly data?: string;
  readonly force: boolean;
}

interface RunFlags {
  readonly data?: string;
  readonly config?: string;
}

interface StatusFlags extends RunFlags {
  readonly output: "text" | "json";
}

const program = new Command("sedge-agent")
  .description(
    "Runs models on this device: takes what the control plane assigns, answers inferences, reports what it sees.",
  )
  .version(agentVersion)
  .addHelpText("after", exitCodes)
  .exitOverride();

program
  .command("enrol")
  .description("exchange a one-time token for this device's own credential")
  .requiredOption("--server <url>", "address of the control plane, such as http://hub.local:8080")
  .requiredOption("--token <token>", "one-time token, from `sedge device token`")
  .option("--id <id>", "name of this device; the control plane makes one otherwise")
  .option("--label <key=value>", "label of this device; may be repeated", addLabel, {})
  .option("--hardware <name>", "name of the hardware, such as rpi-5")
  .option(
    "--publisher-key <keyid>",
    "refuse a control plane that does not name this publisher; may be repeated",
    append,
    [],
  )
  .option("--data <directory>", "where the agent keeps everything (default: /var/lib/sedge-agent)")
  .option("--force", "replace an enrolment that is there", false)
  .action(async (flags: EnrolFlags) => {
    const { enrolCommand } = await import("./enrol-command.ts");
    await enrolCommand(flags);
  });

program
  .command("run")
  .description("run the agent until it is told to stop (SIGTERM or SIGINT; a second one ends it at once)")
  .option("--data <directory>", "where the agent keeps everything (default: /var/lib/sedge-agent)")
  .option("--config <file>", "configuration in YAML or JSON; environment variables SEDGE_AGENT_… override it")
  .action(async (flags: RunFlags) => {
    const { runCommand } = await import("./run-command.ts");
    await runCommand(flags);
  });

program
  .command("status")
  .description("ask the running agent how it is")
  .option("--data <directory>", "the directory of the agent (default: /var/lib/sedge-agent)")
  .option("--config <file>", "the configuration that the agent runs with")
  .option("-o, --output <form>", "text or json", readForm, "text")
  .action(async (flags: StatusFlags) => {
    const { statusCommand } = await import("./status-command.ts");
    await statusCommand(flags);
  });

process.exitCode = await codeOf(() => program.parseAsync());

async function codeOf(run: () => Promise<unknown>): Promise<number> {
  try {
    await run();
    return 0;
  } catch (error) {
    // Commander has said what is wrong; asking for help is no mistake.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : usageError;
    const sentence = error instanceof Error ? error.message : String(error);
    process.stderr.write(`sedge-agent: ${sentence}\n`);
    return error instanceof Error && error.name === "ConfigError" ? usageError : 1;
  }
}

function addLabel(text: string, labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const at = text.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("a label is key=value, such as site=lyon");
  return { ...labels, [text.slice(0, at)]: text.slice(at + 1) };
}

function append(text: string, list: readonly string[]): readonly string[] {
  return [...list, text];
}

function readForm(text: string): "text" | "json" {
  if (text === "text" || text === "json") return text;
  throw new InvalidArgumentError("the form is text or json");
}
