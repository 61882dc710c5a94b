import { firstSeqOf } from "../../proto/codec/telemetry.ts";
import { limits } from "../../proto/limits.ts";
import type { TelemetryBatch, TelemetryRecord } from "../../proto/telemetry-messages.ts";
import { eventually } from "../support/end-to-end-waiting.ts";
import type { Check } from "./check.ts";
import { mustBe } from "./check.ts";
import type { ControlSide } from "./control-side.ts";
import { born, settled, untilActive } from "./steps.ts";

/** Events are enough: every implementation has them, also one that is asked for no inference. */
function batches(control: ControlSide, from = 0): readonly TelemetryBatch[] {
  return control.messages("telemetry", from).filter(({ lane }) => lane === "lifecycle");
}

function recordsOf(control: ControlSide, from = 0): readonly TelemetryRecord[] {
  return batches(control, from).flatMap(({ records }) => records);
}

async function firstRecords(control: ControlSide, from = 0): Promise<readonly TelemetryRecord[]> {
  await eventually("a batch of events", () => (batches(control, from).length > 0 ? true : undefined));
  return recordsOf(control, from);
}

export const telemetryChecks: readonly Check[] = [
  {
    name: "records are numbered from 1, without a hole, in batches within the limits",
    async run(bench) {
      const { control, first } = bench;
      await born(bench);
      control.assign([first]);
      await untilActive(control, first);
      await firstRecords(control);
      const numbers: number[] = [];
      for (const one of control.heard) {
        if (one.kind !== "message" || one.message.kind !== "telemetry" || one.message.lane !== "lifecycle") continue;
        mustBe(one.leaf === "evt", `events came on ${one.leaf}`);
        mustBe(one.bytes.length <= limits.batchBytes, `a batch has ${one.bytes.length} bytes`);
        for (const record of one.message.records)
          for (let seq = firstSeqOf(record); seq <= record.seq; seq++) numbers.push(seq);
      }
      mustBe(
        numbers.every((seq, i) => seq === i + 1),
        `the numbers are ${numbers.join(", ")}`,
      );
    },
  },
  {
    name: "what was not acknowledged comes again over the next connection, the same under the same number",
    async run(bench) {
      const { control } = bench;
      control.acknowledges = false;
      await born(bench);
      const before = await firstRecords(control);
      const from = control.heard.length;
      control.cutConnection();
      const after = await firstRecords(control, from);
      for (const record of before) {
        const again = after.find(({ seq }) => seq === record.seq);
        mustBe(
          JSON.stringify(again?.body) === JSON.stringify(record.body),
          `record ${record.seq} came back as ${JSON.stringify(again)}`,
        );
      }
    },
  },
  {
    name: "what was not acknowledged survives a power cut",
    async run(bench) {
      const { control, device } = bench;
      control.acknowledges = false;
      await born(bench);
      const [before] = await firstRecords(control);
      const [{ epoch } = { epoch: "" }] = batches(control);
      await device.kill();
      const from = control.heard.length;
      await born(bench);
      const after = await firstRecords(control, from);
      const isSameLife = batches(control, from)[0]?.epoch === epoch;
      mustBe(isSameLife, "the spool began a new epoch after a power cut");
      mustBe(JSON.stringify(after[0]?.body) === JSON.stringify(before?.body), "the oldest record is another one");
    },
  },
  {
    name: "what was acknowledged is never sent again",
    async run(bench) {
      const { control, device } = bench;
      await born(bench);
      await firstRecords(control);
      await settled(1_000);
      const acknowledged = Math.max(...recordsOf(control).map(({ seq }) => seq));
      await device.stop();
      const from = control.heard.length;
      await born(bench);
      const after = await firstRecords(control, from);
      const twice = after.filter(({ seq }) => seq <= acknowledged);
      mustBe(twice.length === 0, `records ${twice.map(({ seq }) => seq).join(", ")} came again`);
    },
  },
  {
    name: "a control plane that misses something gets it when it says so",
    async run(bench) {
      const { control } = bench;
      control.acknowledges = false;
      await born(bench);
      const before = await firstRecords(control);
      const [{ epoch } = { epoch: "" }] = batches(control);
      const from = control.heard.length;
      control.send({ kind: "ack", lane: "lifecycle", epoch, through: 0, rewind: true });
      const after = await firstRecords(control, from);
      mustBe(after[0] !== undefined && firstSeqOf(after[0]) === 1, `it went on with ${after[0]?.seq} instead of 1`);
      mustBe(JSON.stringify(after[0]?.body) === JSON.stringify(before[0]?.body), "record 1 is another one now");
    },
  },
  {
    name: "an acknowledgement of another life of the spool deletes nothing",
    async run(bench) {
      const { control, device } = bench;
      control.acknowledges = false;
      await born(bench);
      const before = await firstRecords(control);
      control.send({ kind: "ack", lane: "lifecycle", epoch: "of-another-life", through: 1_000, rewind: false });
      await settled(500);
      await device.stop();
      const from = control.heard.length;
      await born(bench);
      const after = await firstRecords(control, from);
      mustBe(after[0] !== undefined && firstSeqOf(after[0]) === 1, `its oldest record is ${after[0]?.seq} now`);
      mustBe(JSON.stringify(after[0]?.body) === JSON.stringify(before[0]?.body), "record 1 is another one now");
    },
  },
];
