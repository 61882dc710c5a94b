import type { Check } from "./check.ts";
import { mustBe } from "./check.ts";
import { newSideKey } from "./control-side.ts";
import { born, lastReport, settled, untilActive, withFirst } from "./steps.ts";
import { parseDeviceId } from "../../proto/ids.ts";

/** Long enough for a device on the same machine to act on a message that it wrongly believes. */
const momentMs = 2_000;

export const assignmentChecks: readonly Check[] = [
  {
    name: "an assignment is reported by its generation, and its package as active in the end",
    async run(bench) {
      await withFirst(bench);
      const report = lastReport(bench.control);
      mustBe(report?.epoch === 1 && report.generation === 1, `it reports ${report?.epoch}.${report?.generation}`);
      mustBe(report?.refusal === "", `it reports the refusal "${report?.refusal}"`);
    },
  },
  {
    name: "fields that it does not know are no reason to refuse",
    async run(bench) {
      const { control, first } = bench;
      await born(bench);
      // Field 200, a number.
      control.sendDesired(
        control.sign(control.nextAssignment([first]), control.director, Uint8Array.of(0xc0, 0x0c, 0x01)),
      );
      await untilActive(control, first);
    },
  },
  {
    name: "an assignment with a foreign signature is refused, and said so",
    async run(bench) {
      const { control, first } = bench;
      await born(bench);
      control.sendDesired(
        control.sign(control.nextAssignment([first]), { ...newSideKey(), keyId: control.director.keyId }),
      );
      await control.hears("a report with a refusal", "reported", ({ reported }) => reported.refusal !== "");
      mustBe(control.messages("block-request").length === 0, "it fetched what the assignment names");
      mustBe(lastReport(control)?.generation === 0, "it reports the assignment as accepted");
    },
  },
  {
    name: "an assignment whose bytes changed after it was signed is refused",
    async run(bench) {
      const { control, first, second } = bench;
      await born(bench);
      const { signatures } = control.sign(control.nextAssignment([first]));
      control.sendDesired({ ...control.sign(control.nextAssignment([second])), signatures });
      await control.hears("a report with a refusal", "reported", ({ reported }) => reported.refusal !== "");
      mustBe(control.messages("block-request").length === 0, "it fetched what the assignment names");
    },
  },
  {
    name: "another device's assignment is refused",
    async run(bench) {
      const { control, first } = bench;
      await born(bench);
      control.assign([first], { device: parseDeviceId("somebody-else") });
      await control.hears("a report with a refusal", "reported", ({ reported }) => reported.refusal !== "");
      mustBe(control.messages("block-request").length === 0, "it fetched what the assignment names");
    },
  },
  {
    name: "an older assignment, sent again, changes nothing, also after a power cut",
    async run(bench) {
      const { control, device, first, second } = bench;
      await born(bench);
      const older = control.sign(control.assign([first]));
      await untilActive(control, first);
      control.assign([second]);
      await untilActive(control, second);
      control.sendDesired(older);
      await settled(momentMs);
      mustBe(lastReport(control)?.generation === 2, "it went back to the older assignment");
      await device.kill();
      const from = control.heard.length;
      await born(bench);
      await settled(momentMs);
      const report = lastReport(control, from);
      mustBe(report?.generation === 2, `after the start it reports generation ${report?.generation}, not 2`);
      mustBe(report.models[0]?.active?.version === second.assignment.version, "after the start it runs the older one");
    },
  },
];
