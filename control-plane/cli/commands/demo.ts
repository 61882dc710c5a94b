import type { Command } from "commander";
import type { Surroundings } from "../session.ts";

export function addDemoCommand(program: Command, surroundings: Surroundings): void {
  program
    .command("demo")
    .description("the whole job on this machine in about a minute: a fleet, three versions, a rollback, a drift alert")
    .option("--ci", "check every claim, print one line of JSON on standard output, and leave nothing behind")
    .option("--keep", "leave the data and the logs of all programs in their temporary directory")
    .action(async (options: { ci?: true; keep?: true }) => {
      // Loaded when needed: the demo brings the whole control plane along.
      const { runDemo } = await import("../demo/run-demo.ts");
      const { terminal } = surroundings;
      const figures = await runDemo(surroundings, {
        stay: options.ci !== true && terminal.isTTY,
        keep: options.keep === true,
      });
      if (options.ci === true) terminal.out(`${JSON.stringify(figures)}\n`);
    });
}
