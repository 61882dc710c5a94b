import { counted } from "../../domain/rollout/format-figure.ts";
import type { Command } from "commander";
import { hours } from "../../../proto/units.ts";
import { readDuration, relativeTime } from "../duration.ts";
import { usageError } from "../exit-codes.ts";
import type { Surroundings } from "../session.ts";
import { openSession } from "../session.ts";

interface RequestOptions {
  readonly to: string;
  readonly count: number;
  readonly for: number;
}

export function addSampleRequest(sample: Command, surroundings: Surroundings): void {
  sample
    .command("request <model>")
    .description("ask for the next inferences of a model that is sampled, by its rules and within its bytes a day")
    .requiredOption("--to <selector>", "of which devices, such as: device=cam-1, or site=lyon")
    .option("--count <count>", "how many of each device", readCount, 10)
    .option("--for <duration>", "how long it may take at most", readDuration, hours(1))
    .action(async (model: string, { to, count, for: forMs }: RequestOptions, command: Command) => {
      const session = openSession(surroundings, command);
      const api = await session.connect();
      const { request, devices } = await api.requestSamples(model, { selector: to, count, forMs });
      session.show({ request, devices }, () => {
        const whom = counted(devices, "device");
        return `request ${request.id}: the next ${count} of ${model} from each of ${whom}, until ${relativeTime(request.untilMs, session.now())}\n`;
      });
      session.tell(
        devices === 0
          ? `No device that has ${model} matches "${to}" now; one that comes in time is asked then.`
          : `They are seen with: sedge sample list --model ${model} --reason requested`,
      );
    });
}

function readCount(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) >= 1) return Number(text);
  throw usageError(`"${text}" is not a number of samples`);
}
