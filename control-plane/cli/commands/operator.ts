import type { Command } from "commander";
import type { Operator } from "../../domain/operator.ts";
import { relativeTime } from "../duration.ts";
import type { Surroundings } from "../session.ts";
import { openSession } from "../session.ts";
import type { Column } from "../table.ts";
import { formatTable } from "../table.ts";

export function addOperatorCommands(program: Command, surroundings: Surroundings): void {
  const operator = program
    .command("operator")
    .description("who runs the fleet: each has a token of their own, and histories carry the name");

  operator
    .command("add <name>")
    .description("let one in; the token is shown this once (only the first token may, of the data directory)")
    .action(async (name: string, _options: object, command: Command) => {
      const session = openSession(surroundings, command);
      const api = await session.connect();
      const added = await api.addOperator(name);
      session.show(added, () => `${added.token}\n`);
      session.tell(`The token of ${name}, told this once. To use it: SEDGE_SERVER=${api.server} SEDGE_TOKEN=…`);
    });

  operator
    .command("list")
    .description("all operators but the first")
    .action(async (_options: object, command: Command) => {
      const session = openSession(surroundings, command);
      const operators = await (await session.connect()).operators();
      session.show({ operators }, () =>
        formatTable(
          operators,
          columns(session.now()),
          "none but the first: `sedge operator add NAME` lets one in",
          session.terminal.paint,
        ),
      );
    });

  operator
    .command("remove <name>")
    .description("end its token; what it did keeps its name")
    .action(async (name: string, _options: object, command: Command) => {
      const session = openSession(surroundings, command);
      await (await session.connect()).removeOperator(name);
      session.show({ name }, () => `${name} is no longer an operator\n`);
    });
}

function columns(now: number): readonly Column<Operator>[] {
  return [
    { title: "OPERATOR", cell: ({ name }) => name },
    { title: "ADDED", cell: ({ addedAtMs }) => relativeTime(addedAtMs, now) },
    { title: "BY", cell: ({ addedBy }) => addedBy, style: () => "dim" },
  ];
}
