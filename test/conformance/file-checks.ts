import { limits } from "../../proto/limits.ts";
import { parseRolloutId } from "../../proto/ids.ts";
import type { BlockRequest } from "../../proto/messages.ts";
import type { Bench, Check } from "./check.ts";
import { mustBe } from "./check.ts";
import { born, lastModel, settled, untilActive } from "./steps.ts";

/** A device that got wrong bytes asks for the first block again, from this source or another. */
function secondRequest({ control, second }: Bench): BlockRequest | undefined {
  return control.messages("block-request").filter(({ digest, offset }) => digest === second.variant && offset === 0)[1];
}

export const fileChecks: readonly Check[] = [
  {
    name: "blocks are asked for within the limits of the contract",
    async run(bench) {
      const { control, second } = bench;
      await born(bench);
      control.assign([second]);
      await untilActive(control, second);
      const requests = control.messages("block-request");
      mustBe(requests.length > 0, "it asked for no block: give it MQTT alone");
      mustBe(
        requests.every(({ length }) => length <= limits.blockBytes),
        `it asked for more than ${limits.blockBytes} bytes`,
      );
      const offsets = requests.filter(({ digest }) => digest === second.variant).map(({ offset }) => offset);
      mustBe(
        new Set(offsets).size === offsets.length,
        `it asked for a block twice that had come: ${offsets.join(", ")}`,
      );
    },
  },
  {
    name: "a block that gets lost is asked for again",
    isSlow: true,
    async run(bench) {
      const { control, second } = bench;
      const lost = new Set<string>();
      control.onBlock = ({ digest, offset }, block) => {
        const name = `${digest} ${offset}`;
        if (lost.has(name)) return block;
        lost.add(name);
        return "lost";
      };
      await born(bench);
      control.assign([second]);
      await untilActive(control, second);
    },
  },
  {
    name: "a package that a stranger signed is refused before any of its files is fetched",
    async run(bench) {
      const { control, foreign } = bench;
      await born(bench);
      control.assign([foreign]);
      const { reported } = await control.hears("a report with a failure", "reported", ({ reported: { models } }) =>
        models.some(({ failure }) => failure !== undefined),
      );
      const [model] = reported.models;
      mustBe(model?.failure?.package === foreign.assignment.package, "the failure names another package");
      mustBe(model.failure.reason !== "", "the failure has no reason");
      mustBe(model.active === undefined, "it reports an active model");
      const asked = new Set(control.messages("block-request").map(({ digest }) => digest));
      mustBe(asked.size === 1 && asked.has(foreign.assignment.package), "it fetched more than the signature");
    },
  },
  {
    name: "a file with a wrong byte is never run, and the right one is once it can be had",
    async run(bench) {
      const { control, second } = bench;
      control.onBlock = ({ digest, offset }, block) =>
        digest === second.variant && offset === 0 ? block.map((byte, i) => (i === 1_000 ? byte ^ 1 : byte)) : block;
      await born(bench);
      control.assign([second]);
      await control.hears(
        "a second request for the file",
        "block-request",
        (request) => request === secondRequest(bench),
      );
      await settled(2_000);
      mustBe(lastModel(control)?.active === undefined, "it runs what it cannot have got");
      control.onBlock = (_request, block) => block;
      const again = control.nextAssignment([second]);
      const models = again.models.map((model) => ({ ...model, rollout: parseRolloutId("ro-2") }));
      control.sendDesired(control.sign({ ...again, models }));
      await untilActive(control, second);
    },
  },
];
