import { readFile } from "node:fs/promises";
import { openConfig } from "./command-config.ts";
import type { EnrolOptions } from "./enrol.ts";
import { enrol } from "./enrol.ts";

export interface EnrolCommandFlags extends Pick<EnrolOptions, "server" | "token" | "force"> {
  readonly id?: string;
  readonly label: Readonly<Record<string, string>>;
  readonly hardware?: string;
  readonly serverCa?: string;
  readonly publisherKey: readonly string[];
  readonly data?: string;
  readonly config?: string;
}

export async function enrolCommand(flags: EnrolCommandFlags): Promise<void> {
  const { data } = await openConfig({ data: flags.data, config: flags.config });
  const { server, token, force, id, hardware, serverCa } = flags;
  const options = {
    server,
    token,
    force,
    id,
    hardware,
    serverCa,
    data,
    labels: flags.label,
    publisherKeys: flags.publisherKey,
  };
  const { trust } = await enrol(options, new AbortController().signal);
  const publishers = trust.publishers.map((publisher) => publisher.keyId).join(", ");
  process.stdout.write(
    `This device is "${trust.device}". It accepts models of ${trust.publishers.length === 1 ? "the publisher" : "the publishers"} ${publishers}.\n`,
  );
  const start = (await isService(data)) ? "systemctl restart sedge-agent" : `sedge-agent run --data ${data}`;
  process.stderr.write(`Start it with: ${start}\n`);
}

/** Whether a unit on this machine runs the agent on that directory. */
async function isService(data: string): Promise<boolean> {
  for (const directory of ["/etc/systemd/system", "/lib/systemd/system"]) {
    const unit = await readFile(`${directory}/sedge-agent.service`, "utf8").catch(() => "");
    if (unit.includes(`${data}/credential.json`)) return true;
  }
  return false;
}
