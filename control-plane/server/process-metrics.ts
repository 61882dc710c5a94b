import { readdir } from "node:fs/promises";
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { MetricFamily } from "../../proto/metrics/metric-family.ts";

/** What every Prometheus client tells of its process, under the names that they all use. Disposing ends the look at the event loop. */
export interface ProcessMetrics extends Disposable {
  families(): Promise<readonly MetricFamily[]>;
}

const nanoseconds = 1e9;
const resolutionMs = 20;

export function watchProcess(): ProcessMetrics {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs });
  delay.enable();
  return {
    async families() {
      const { user, system } = process.cpuUsage();
      const { rss, heapUsed } = process.memoryUsage();
      const descriptors = await openDescriptors();
      // Its own tick of 20 ms is part of what is measured.
      const lag = (percentile: number) =>
        Math.max(0, delay.percentile(percentile) / nanoseconds - resolutionMs / 1_000);
      const [median, late] = [lag(50), lag(99)];
      delay.reset();
      return [
        {
          kind: "counter",
          name: "process_cpu_seconds_total",
          help: "Processor time of this process.",
          samples: [{ value: (user + system) / 1e6 }],
        },
        gauge("process_resident_memory_bytes", "Memory of this process.", rss),
        gauge("process_start_time_seconds", "When it started, since 1970.", performance.timeOrigin / 1_000),
        ...(descriptors === undefined ? [] : [gauge("process_open_fds", "Open files and sockets.", descriptors)]),
        gauge("nodejs_heap_size_used_bytes", "Objects of JavaScript.", heapUsed),
        gauge(
          "nodejs_eventloop_lag_p50_seconds",
          "How late the event loop was, half of the times since this was asked last.",
          median,
        ),
        gauge("nodejs_eventloop_lag_p99_seconds", "The same, of all but the latest hundredth.", late),
      ];
    },
    [Symbol.dispose]: () => void delay.disable(),
  };
}

function gauge(name: string, help: string, value: number): MetricFamily {
  return { kind: "gauge", name, help, samples: [{ value }] };
}

/** Only Linux shows them like this. */
async function openDescriptors(): Promise<number | undefined> {
  return readdir("/proc/self/fd").then(
    (names) => names.length,
    () => undefined,
  );
}
