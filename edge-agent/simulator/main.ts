#!/usr/bin/env node
import { readFile } from "node:fs/promises";
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { onnxRuntimeInChild } from "../adapters/node/onnxruntime-child.ts";
import { systemClock } from "../adapters/node/system-clock.ts";
import { agentVersion } from "../daemon/agent-version.ts";
import { jsonLog } from "../daemon/json-log.ts";
import { stopSignal } from "../daemon/stop-signal.ts";
import { parseModelName } from "../../proto/ids.ts";
import { minutes } from "../../proto/units.ts";
import { numberedFleet, parseFleet } from "./fleet-file.ts";
import { runSimulator } from "./run-simulator.ts";
import { sharedRuntime } from "./shared-runtime.ts";

interface SimulateFlags {
  readonly server: string;
  readonly data: string;
  readonly fleet?: string;
  readonly devices?: number;
  readonly token: readonly string[];
  readonly label: Readonly<Record<string, string>>;
  readonly sharedRuntime: boolean;
  readonly model?: string;
  readonly inputs?: string;
  readonly rate: number;
  readonly retryBase: number;
  readonly retryCap: number;
  readonly logLevel: "debug" | "info" | "warn" | "error";
}

class UsageError extends Error {
  override readonly name = "UsageError";
}

const protocol = `
On standard input, one JSON object a line:
  {"kind":"disturb","devices":["cam-1"],"effect":"none|blur|noise|dark|shift"}
  {"kind":"stop"}
On standard output: "ready" once every device has connected, and "status" whenever one shows something new.
It ends, and every device with it, when its standard input is closed, on "stop", and on SIGTERM or SIGINT.

Exit codes: 0 ended as asked · 1 failed · 2 the command line or the fleet cannot be used`;

const program = new Command("simulate")
  .description("Runs many agents in one process against a real control plane.")
  .version(agentVersion)
  .requiredOption("--server <url>", "address of the control plane")
  .requiredOption("--data <directory>", "each device keeps everything in a directory of its own below")
  .option("--fleet <file>", "JSON list of devices: id, and where wanted hardware, labels and enrolment token")
  .option("--devices <count>", "instead of --fleet: so many devices, sim-1, sim-2, …", readCount)
  .option("--token <token>", "enrolment token of one device; repeated for each", append, [])
  .option("--label <key=value>", "label of every device; may be repeated", addLabel, {})
  .option("--shared-runtime", "one inference process for each model file instead of one for each device", false)
  .option("--model <name>", "model that the devices' inputs are for")
  .option("--inputs <file>", "array of rows (.npy) that the devices replay; bytes become shares of 255")
  .option("--rate <count>", "inferences of each device in a second", readRate, 1)
  .option("--retry-base <ms>", "first bound of the delay before a device connects again", readCount, 200)
  .option("--retry-cap <ms>", "last bound of that delay", readCount, 5_000)
  .option("--log-level <level>", "debug, info, warn or error, on standard error", readLevel, "warn")
  .addHelpText("after", protocol)
  .exitOverride()
  .action(simulate);

async function simulate(flags: SimulateFlags): Promise<void> {
  const log = jsonLog(flags.logLevel);
  if ((flags.inputs === undefined) !== (flags.model === undefined))
    throw new UsageError("--inputs and --model belong together: inputs are for one model");
  const fleet =
    flags.fleet === undefined
      ? numberedFleet(flags.devices ?? 1, flags.token, flags.label)
      : parseFleet(await readFile(flags.fleet, "utf8"));
  const inputs =
    flags.inputs === undefined || flags.model === undefined
      ? undefined
      : { model: parseModelName(flags.model), file: flags.inputs, ratePerSecond: flags.rate };
  const runtime = onnxRuntimeInChild();
  using stop = stopSignal(log);
  await runSimulator(
    {
      server: flags.server,
      data: flags.data,
      fleet,
      runtime: flags.sharedRuntime ? sharedRuntime(runtime) : runtime,
      inputs,
      retry: { baseMs: flags.retryBase, capMs: flags.retryCap, stableAfterMs: minutes(1) },
      clock: systemClock,
      log,
      commands: process.stdin,
      output: process.stdout,
    },
    stop.signal,
  );
  // Standard input may be open still: nothing else is waited for.
  process.stdin.destroy();
}

process.exitCode = await codeOf(() => program.parseAsync());

async function codeOf(run: () => Promise<unknown>): Promise<number> {
  try {
    await run();
    return 0;
  } catch (error) {
    // Commander has said what is wrong; asking for help is no mistake.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    process.stdin.destroy();
    process.stderr.write(`simulate: ${error instanceof Error ? error.message : String(error)}\n`);
    return error instanceof Error && ["UsageError", "FleetFileError", "InvalidIdError"].includes(error.name) ? 2 : 1;
  }
}

function readCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) throw new InvalidArgumentError("a whole number above 0");
  return count;
}

function readRate(text: string): number {
  const rate = Number(text);
  if (!(rate > 0 && rate <= 1_000)) throw new InvalidArgumentError("a number above 0 and up to 1000");
  return rate;
}

function readLevel(text: string): SimulateFlags["logLevel"] {
  if (text === "debug" || text === "info" || text === "warn" || text === "error") return text;
  throw new InvalidArgumentError("the level is debug, info, warn or error");
}

function addLabel(text: string, labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const at = text.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("a label is key=value, such as site=lyon");
  return { ...labels, [text.slice(0, at)]: text.slice(at + 1) };
}

function append(text: string, list: readonly string[]): readonly string[] {
  return [...list, text];
}
