import type { Command } from "commander";
import type { PublisherKey } from "../../application/stores.ts";
import { relativeTime } from "../duration.ts";
import type { Surroundings } from "../session.ts";
import { openSession } from "../session.ts";
import type { Column } from "../table.ts";
import { formatTable } from "../table.ts";

export function addPublisherCommands(program: Command, surroundings: Surroundings): void {
  const publisher = program.command("publisher").description("whose signature devices accept on a model");

  publisher
    .command("list")
    .description("the keys that the control plane and newly enrolled devices trust")
    .action(async (_options: object, command: Command) => {
      const session = openSession(surroundings, command);
      const publishers = await (await session.connect()).publishers();
      session.show({ publishers }, () =>
        formatTable(
          publishers,
          columns(session.now()),
          "none yet: the first `sedge model push` adds one",
          session.terminal.paint,
        ),
      );
    });

  publisher
    .command("add [key-file]")
    .description(
      "trust one more key: a PEM file, public or private (of which only the public half is sent); without a name, yours",
    )
    .action(async (file: string | undefined, _options: object, command: Command) => {
      const { ownPublisherKey, readPublicKey } = await import("../own-publisher-key.ts");
      const session = openSession(surroundings, command);
      const publicKey = file === undefined ? (await ownPublisherKey(session)).publicKey : await readPublicKey(file);
      const added = await (await session.connect()).addPublisher(publicKey);
      session.show(added, () => `${added.keyId} is a publisher\n`);
      session.tell(
        "Devices trust the publishers of the moment when they enrolled: enrol those again that shall take this one's models.",
      );
    });
}

function columns(now: number): readonly Column<PublisherKey>[] {
  return [
    { title: "KEY", cell: ({ keyId }) => keyId },
    { title: "ADDED", cell: ({ addedAtMs }) => relativeTime(addedAtMs, now) },
  ];
}
