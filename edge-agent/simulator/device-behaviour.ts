import type { Agent } from "../core/agent.ts";
import type { Random } from "../core/ports.ts";
import type { LocalAgent } from "../daemon/local-agent.ts";
import type { Disturbance } from "./drift-injector.ts";
import { disturbed } from "./drift-injector.ts";

/** A device whose camera can be disturbed while it runs: the generator asks it as it would ask the agent. */
export class DisturbedCamera implements LocalAgent {
  effect: Disturbance = "none";
  readonly describe: Agent["describe"];
  readonly status: Agent["status"];
  readonly infer: Agent["infer"];

  constructor(agent: LocalAgent, random: Random) {
    this.describe = (model) => agent.describe(model);
    this.status = () => agent.status();
    this.infer = (model, inputs, signal) =>
      agent.infer(
        model,
        inputs.map((input) => disturbed(input, this.effect, random)),
        signal,
      );
  }
}
