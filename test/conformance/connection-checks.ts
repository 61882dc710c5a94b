import { limits } from "../../proto/limits.ts";
import { eventually } from "../support/end-to-end-waiting.ts";
import type { Check } from "./check.ts";
import { mustBe } from "./check.ts";
import { newSideKey } from "./control-side.ts";
import { garbageOf } from "./garbage.ts";
import { born, settled, untilActive } from "./steps.ts";

export const connectionChecks: readonly Check[] = [
  {
    name: "its first words on a connection are its birth",
    async run(bench) {
      const birth = await born(bench);
      const [first] = bench.control.heard;
      mustBe(first?.kind === "message" && first.message.kind === "birth", `the first message was ${first?.leaf}`);
      mustBe(birth.bootId !== "", "the boot id is empty");
      mustBe(birth.connection === 1, `the first connection is number ${birth.connection}, not 1`);
      const { architecture, runtimes, memoryBytes } = birth.profile;
      mustBe(architecture !== "" && memoryBytes > 0 && runtimes.length > 0, "the profile says nothing");
      mustBe(birth.reported.generation === 0, "it reports an assignment that it never got");
    },
  },
  {
    name: "a new connection is counted, under the same boot id",
    async run(bench) {
      const before = await born(bench);
      const from = bench.control.heard.length;
      bench.control.cutConnection();
      const after = await bench.control.hears("a birth on the next connection", "birth", () => true, {
        from,
        withinMs: 60_000,
      });
      mustBe(after.bootId === before.bootId, "the boot id changed without a start");
      mustBe(after.connection === before.connection + 1, `connection ${after.connection} follows ${before.connection}`);
    },
  },
  {
    name: "its last will says which boot and which connection are gone",
    async run(bench) {
      const birth = await born(bench);
      await bench.device.kill();
      const will = await bench.control.hears("a will that says offline", "status", ({ state }) => state === "offline");
      mustBe(
        will.bootId === birth.bootId && will.connection === birth.connection,
        `the will is of ${will.bootId}/${will.connection}, the birth of ${birth.bootId}/${birth.connection}`,
      );
    },
  },
  {
    name: "an orderly stop says goodbye, and ends with exit code 0",
    async run(bench) {
      const birth = await born(bench);
      const code = await bench.device.stop();
      mustBe(code === 0, `it ended with ${code}`);
      const goodbye = await bench.control.hears("an offline status", "status", ({ state }) => state === "offline");
      mustBe(goodbye.bootId === birth.bootId, "the goodbye is of another boot");
    },
  },
  {
    name: "a new start has a new boot id",
    async run(bench) {
      const before = await born(bench);
      await bench.device.kill();
      const after = await born(bench);
      mustBe(after.bootId !== before.bootId, "both starts have the same boot id");
      mustBe(after.connection === 1, `the first connection is number ${after.connection}, not 1`);
    },
  },
  {
    name: "messages that it cannot read, or does not know, change nothing",
    async run(bench) {
      const { control } = bench;
      await born(bench);
      const connections = control.presence.length;
      // A body of a later version (field 60), bytes that are no protobuf, an empty message.
      control.sendBytes("desired", Uint8Array.of(0xe2, 0x03, 0x02, 0x08, 0x01));
      control.sendBytes("ack", Uint8Array.of(0xff, 0xff, 0xff));
      control.sendBytes("blk/data", new Uint8Array());
      control.assign([bench.first]);
      await control.hears(
        "a report about the assignment after them",
        "reported",
        ({ reported }) => reported.generation === 1,
      );
      mustBe(control.presence.length === connections, "it lost its connection over them");
    },
  },
  {
    name: "garbage of all kinds on every topic changes nothing",
    async run(bench) {
      const { control } = bench;
      const birth = await born(bench);
      const connections = control.presence.length;
      const stranger = { ...newSideKey(), keyId: control.director.keyId };
      const statement = control.sign(control.nextAssignment([bench.second]), stranger);
      const garbage = garbageOf([
        { kind: "desired", statement },
        { kind: "ack", lane: "lifecycle", epoch: "of-another-life", through: 3, rewind: true },
        { kind: "block-data", digest: bench.first.variant, offset: 0, size: 1, data: new Uint8Array(9), error: "" },
        { kind: "delta-offer", base: bench.first.variant, target: bench.second.variant, answer: { kind: "none" } },
      ]);
      for (const { leaf, bytes } of garbage) {
        control.sendBytes(leaf, bytes);
        // Not faster than a device reads: the broker disconnects one that has too much before it.
        await settled(2);
      }
      control.assign([bench.first]);
      await untilActive(control, bench.first);
      mustBe(control.presence.length === connections, "it lost its connection over it");
      const births = control.messages("birth");
      mustBe(births.length === 1 && births[0]?.bootId === birth.bootId, "it started again over it");
      const asked = new Set(control.messages("block-request").map(({ digest }) => digest));
      mustBe(!asked.has(bench.second.assignment.package), "it fetched what garbage asked for");
    },
  },
  {
    name: "it keeps its keep-alive",
    isSlow: true,
    async run(bench) {
      await born(bench);
      await eventually("no disconnection for one and a half keep-alives", async () => {
        await new Promise((resolve) => setTimeout(resolve, 1.5 * limits.keepAliveMs));
        return bench.control.presence.includes("disconnected") ? undefined : true;
      });
    },
  },
];
