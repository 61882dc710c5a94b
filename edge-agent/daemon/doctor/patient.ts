import type { Enrolment } from "../../adapters/node/credential-store.ts";
import type { AgentStatus } from "../../core/agent-status.ts";
import type { AgentConfig } from "../config.ts";
import type { StoredState } from "../stored-state.ts";

/** What every check may look at. */
export interface Patient {
  readonly config: AgentConfig;
  readonly data: string;
  readonly enrolment: Enrolment | undefined;
  readonly stored: StoredState;
  /** Process id of the agent that holds the data directory. */
  readonly holder: number | undefined;
  /** What that agent says; undefined when none runs, or it does not answer. */
  readonly status: AgentStatus | undefined;
}
