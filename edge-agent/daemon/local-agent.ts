import type { Agent } from "../core/agent-interface.ts";

/** What the daemon's ways in (local HTTP, directories, MQTT, generators) need of the agent. */
export type LocalAgent = Pick<Agent, "infer" | "describe" | "status" | "takeFeedback">;

/** Local HTTP also tells what was asked and answered so far. */
export type LocalHttpAgent = LocalAgent & Pick<Agent, "statistics">;
