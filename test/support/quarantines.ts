import type { Quarantined, Surroundings } from "../../edge-agent/core/quarantine.ts";
import { digestOf } from "./messages.ts";

export const theseSurroundings: Surroundings = {
  runtime: { name: "onnxruntime-node", version: "1.30.0" },
  agentVersion: "0.1.0",
  cpuFlags: ["asimd"],
};

export function aQuarantine(overrides: Partial<Quarantined> = {}): Quarantined {
  return {
    package: digestOf(2),
    variant: "int8",
    file: digestOf(0x12),
    cause: "wrong-outputs",
    reason: 'golden case 1, output "logits" is off by 0.5, more than 0.001',
    rollout: undefined,
    where: theseSurroundings,
    ...overrides,
  };
}
