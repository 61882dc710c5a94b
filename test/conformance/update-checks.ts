import type { ReportedState, ReportedStateMessage } from "../../proto/messages.ts";
import { eventually } from "../support/end-to-end-waiting.ts";
import type { Bench, Check } from "./check.ts";
import { mustBe } from "./check.ts";
import { born, lastModel, settled, untilActive, withFirst } from "./steps.ts";

/** Records are told apart by their numbers: what was not acknowledged may come twice. */
function trialsBegun({ control, second }: Bench): number {
  const begun = control
    .messages("telemetry")
    .flatMap(({ records }) => records)
    .filter(({ body }) => body.kind === "event" && body.name === "trial-started")
    .filter(({ body }) => body.kind === "event" && body.package === second.assignment.package);
  return new Set(begun.map(({ seq }) => seq)).size;
}

export const updateChecks: readonly Check[] = [
  {
    name: "after an update the version before it is kept as the previous one",
    async run(bench) {
      const { control, first, second } = bench;
      await withFirst(bench);
      control.assign([second]);
      const model = await untilActive(control, second);
      mustBe(model.previous?.package === first.assignment.package, `previous is ${JSON.stringify(model.previous)}`);
    },
  },
  {
    name: "while it is tried the new version is the candidate, and the old one stays active",
    async run(bench) {
      const { control, first, second } = bench;
      await withFirst(bench);
      const assignment = control.nextAssignment([second]);
      const from = control.heard.length;
      const soak = { durationMs: 3_000, minInferences: 0, deadlineMs: 30_000, maxErrorShare: 0.5 };
      control.sendDesired(control.sign({ ...assignment, models: assignment.models.map((one) => ({ ...one, soak })) }));
      const inTrial = ({ reported }: ReportedStateMessage) => reported.models.some(({ phase }) => phase === "trial");
      const { reported } = await control.hears("a report of the trial", "reported", inTrial, { from });
      const [model] = reported.models;
      mustBe(model?.candidate?.package === second.assignment.package, "the candidate is another package");
      mustBe(model.active?.package === first.assignment.package, "the old version is not active during the trial");
      await untilActive(control, second);
    },
  },
  {
    name: "what is wanted in shadow stays there, also after a kill, until its trial is wanted; a device without that ability passes over it",
    async run(bench) {
      const { control, device, first, second } = bench;
      await withFirst(bench);
      const assignment = control.nextAssignment([second]);
      const from = control.heard.length;
      const shaded = assignment.models.map((one) => ({ ...one, shadow: { share: 1 } }));
      control.sendDesired(control.sign({ ...assignment, models: shaded }));
      const [birth] = control.messages("birth").slice(-1);
      if (birth?.profile.abilities?.includes("shadow") === true) {
        const inShadow = ({ models }: ReportedState) => models.some(({ phase }) => phase === "shadow");
        const { reported } = await control.hears(
          "a report of the shadow",
          "reported",
          (said) => inShadow(said.reported),
          {
            from,
          },
        );
        const [model] = reported.models;
        mustBe(model?.candidate?.package === second.assignment.package, "the candidate is another package");
        mustBe(model.active?.package === first.assignment.package, "the old version is not active beside the shadow");
        await device.kill();
        const again = await born(bench);
        mustBe(inShadow(again.reported), `after a kill it reports ${JSON.stringify(again.reported.models)}`);
        mustBe(trialsBegun(bench) === 0, "it was tried though it is wanted in shadow");
        control.assign([second]);
      }
      await untilActive(control, second);
    },
  },
  {
    name: "a trial that is cut off three times is rolled back, and not begun again",
    async run(bench) {
      const { control, device, second } = bench;
      await withFirst(bench);
      const assignment = control.nextAssignment([second]);
      const soak = { durationMs: 600_000, minInferences: 0, deadlineMs: 600_000, maxErrorShare: 0.5 };
      control.sendDesired(control.sign({ ...assignment, models: assignment.models.map((one) => ({ ...one, soak })) }));
      for (let attempt = 1; attempt <= 3; attempt++) {
        await eventually(`the start of trial ${attempt}`, () => (trialsBegun(bench) >= attempt ? true : undefined));
        await device.kill();
        await born(bench);
      }
      const model = await eventually("a report of the failure", () => {
        const last = lastModel(control);
        return last?.failure === undefined ? undefined : last;
      });
      mustBe(model.failure?.kind === "rolled-back", `it reports ${JSON.stringify(model.failure)}`);
      mustBe(model.failure.package === second.assignment.package, "the failure names another package");
      mustBe(model.active?.package === bench.first.assignment.package, "the version before is not active");
      mustBe(model.phase === "idle" && model.candidate === undefined, `it is in ${model.phase}`);
      await settled(1_000);
      mustBe(trialsBegun(bench) === 3, "it began the trial again");
    },
  },
  {
    name: "of the variants it takes the first that it can run",
    async run(bench) {
      const { control, choice } = bench;
      await born(bench);
      control.assign([choice]);
      const { active } = await untilActive(control, choice);
      mustBe(active?.variant === "everybody", `it took ${active?.variant}`);
    },
  },
  {
    name: "going back to the previous version fetches nothing",
    async run(bench) {
      const { control, first, second } = bench;
      await withFirst(bench);
      control.assign([second]);
      await untilActive(control, second);
      const from = control.heard.length;
      control.assign([first]);
      await untilActive(control, first, from);
      const asked = control.messages("block-request", from).filter(({ digest }) => digest === first.variant);
      mustBe(asked.length === 0, `it asked for ${asked.length} blocks of a file that it should have kept`);
    },
  },
  {
    name: "after a power cut it has the model that it had, and fetches nothing",
    async run(bench) {
      const { control, device, first } = bench;
      await withFirst(bench);
      await device.kill();
      const from = control.heard.length;
      const birth = await born(bench);
      mustBe(
        birth.reported.models[0]?.active?.package === first.assignment.package,
        `its birth reports ${JSON.stringify(birth.reported.models)}`,
      );
      await untilActive(control, first, from);
      mustBe(control.messages("block-request", from).length === 0, "it fetched files again");
    },
  },
  {
    name: "a power cut in the middle of a download costs no more than what was on its way",
    async run(bench) {
      const { control, device, first, second } = bench;
      await withFirst(bench);
      let asked = 0;
      control.onBlock = ({ digest }, block) => (digest === second.variant && ++asked > 1 ? "lost" : block);
      control.assign([second]);
      await control.hears("a request for a second block", "block-request", ({ digest, offset }) => {
        return digest === second.variant && offset > 0;
      });
      await device.kill();
      control.onBlock = (_request, block) => block;
      await born(bench);
      await untilActive(control, second);
      mustBe(lastModel(control)?.previous?.package === first.assignment.package, "the version before is not kept");
    },
  },
  {
    name: "a model that is assigned no more is given up",
    async run(bench) {
      const { control } = bench;
      await withFirst(bench);
      control.assign([]);
      await control.hears("a report without models", "reported", ({ reported }) => {
        return reported.generation === 2 && reported.models.every(({ active }) => active === undefined);
      });
    },
  },
];
