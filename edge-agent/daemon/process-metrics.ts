import { readdirSync } from "node:fs";
import type { MetricFamily } from "../../proto/metrics/metric-family.ts";

/** This process, under the names that Prometheus' own libraries use. */
export function processMetrics(): readonly MetricFamily[] {
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed } = process.memoryUsage();
  const open = openFiles();
  return [
    {
      kind: "counter",
      name: "process_cpu_seconds_total",
      help: "Processor time of the agent, without its models.",
      samples: [{ value: (user + system) / 1_000_000 }],
    },
    {
      kind: "gauge",
      name: "process_resident_memory_bytes",
      help: "Memory of the agent, without its models.",
      samples: [{ value: rss }],
    },
    { kind: "gauge", name: "process_heap_bytes", help: "Of it: the heap in use.", samples: [{ value: heapUsed }] },
    {
      kind: "gauge",
      name: "process_open_fds",
      help: "Open files and connections.",
      samples: open === undefined ? [] : [{ value: open }],
    },
  ];
}

function openFiles(): number | undefined {
  try {
    return readdirSync("/proc/self/fd").length;
  } catch {
    // No Linux, or a sandbox that hides it.
    return undefined;
  }
}
