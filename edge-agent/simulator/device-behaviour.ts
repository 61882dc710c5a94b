import type { Agent } from "../core/agent-interface.ts";
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
  readonly takeFeedback: Agent["takeFeedback"];

  constructor(agent: LocalAgent, random: Random) {
    this.describe = (model, version) => agent.describe(model, version);
    this.status = () => agent.status();
    this.takeFeedback = (model, id, truth) => agent.takeFeedback(model, id, truth);
    this.infer = (model, inputs, signal, call) =>
      agent.infer(
        model,
        inputs.map((input) => disturbed(input, this.effect, random)),
        signal,
        call,
      );
  }
}
