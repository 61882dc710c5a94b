import { parseArgs } from "node:util";

/**
 * npm run bench -- NAME [--json] : measures and prints figures with their conditions; asserts nothing.
 *   agent            memory, processor, added latency, cold start, bytes on the wire, and what an update costs those who ask meanwhile
 *   agent-overhead   what the agent adds to one inference, and the memory of daemon and child
 *   ingest           telemetry from 1,000 devices over real sockets to committed rows and back
 *   codec            decode and encode of ONNX models, against protobufjs: time and peak of memory
 *   quantize         our quantizer against onnxruntime's own for Python: size, quality, latency, time
 *   delta            deltas between model versions, against zstd, xdelta3 and bsdiff; time and memory to apply them
 *   features         what counting the features of one inference costs, beside the inference
 *   fanout           from `rollout start` to the last of 2,000 devices that holds its assignment
 *   fleet-costs      [--devices N] [--against TREE]: processor time of what N devices ask of registry, rollout and database, no network;
 *                    against another tree in the same run
 *   fleet            [--devices N] [--against TREE] [--profile FOLDER]: a day of N devices, rollouts, drift, kill -9, the telemetry equation at its end;
 *                    against another built tree in the same run; with processor profiles of the control plane
 */
import type { Conditions } from "./conditions.ts";
import { readConditions } from "./conditions.ts";

export interface BenchResult {
  readonly name: string;
  readonly conditions: Conditions;
  /** Rows of figures, in the order to print. */
  readonly rows: readonly Readonly<Record<string, string | number | boolean>>[];
  /** What a reader should know when reading the figures. */
  readonly notes: readonly string[];
}

/** Of the benches that have some. */
export interface BenchOptions {
  readonly devices: number | undefined;
  /** Root of another built tree, to be measured in the same run. */
  readonly against: string | undefined;
  /** Folder for processor profiles. */
  readonly profile: string | undefined;
}

type Bench = (conditions: Conditions, signal: AbortSignal, options: BenchOptions) => Promise<BenchResult>;

const benches: Readonly<Record<string, () => Promise<Bench>>> = {
  "agent-overhead": async () => (await import("./agent-overhead.ts")).benchAgentOverhead,
  agent: async () => (await import("./agent/agent.ts")).benchAgent,
  ingest: async () => (await import("./ingest.ts")).benchIngest,
  codec: async () => (await import("./codec.ts")).benchCodec,
  delta: async () => (await import("./delta.ts")).benchDelta,
  quantize: async () => (await import("./quantize.ts")).benchQuantize,
  features: async () => (await import("./features.ts")).benchFeatures,
  fanout: async () => (await import("./fanout.ts")).benchFanout,
  "fleet-costs": async () => (await import("./fleet/fleet-costs.ts")).benchFleetCosts,
  fleet: async () => (await import("./fleet/fleet.ts")).benchFleet,
};

const { values: flags, positionals: names } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: "boolean", default: false },
    devices: { type: "string" },
    against: { type: "string" },
    profile: { type: "string" },
  },
});
const load = benches[names[0] ?? ""];
if (names.length !== 1 || load === undefined) {
  process.stderr.write(`usage: npm run bench -- NAME [--json]\nNAME is one of ${Object.keys(benches).join(", ")}\n`);
  process.exit(2);
}

// A bench that loads onnxruntime itself sends nothing to its maker.
process.env["ORT_DISABLE_TELEMETRY"] = "1";
const stop = new AbortController();
process.once("SIGINT", () => stop.abort(new Error("interrupted")));
const bench = await load();
const result = await bench(readConditions(), stop.signal, {
  devices: flags.devices === undefined ? undefined : Number(flags.devices),
  against: flags.against,
  profile: flags.profile,
});
if (flags.json) process.stdout.write(`${JSON.stringify(result)}\n`);
else {
  const { conditions } = result;
  process.stdout.write(
    `${result.name} on ${conditions.date}: Node ${conditions.node}, ${conditions.cores} cores (${conditions.processor}), ` +
      `${conditions.memoryGiB} GiB, load ${conditions.loadBefore} before\n`,
  );
  for (const row of result.rows)
    process.stdout.write(
      `  ${Object.entries(row)
        .map(([name, value]) => `${name} ${value}`)
        .join(" · ")}\n`,
    );
  for (const note of result.notes) process.stdout.write(`  ${note}\n`);
}
