import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { createHealthSensors } from "../../../../../edge-agent/adapters/node/health-sensors.ts";
import { temporaryDirectory } from "../../../../support/temporary-directory.ts";

const agent = 700;
const model = 701;

/** proc(5): utime is the 14th field, stime the 15th. */
const statOf = (pid: number, utime: number, stime: number) =>
  `${pid} (no de) (x) S 1 ${pid} ${pid} 0 -1 4194304 1 2 3 4 ${utime} ${stime} 0 0 20 0 11 0 100 1 1`;

const aBoard: Readonly<Record<string, string>> = {
  "proc/stat": "cpu  100 0 100 700 100 0 0 0 0 0\ncpu0 50 0 50 350 50 0 0 0 0 0\n",
  "proc/meminfo": "MemTotal:  948304 kB\nMemFree:  90000 kB\nMemAvailable:  400000 kB\n",
  [`proc/${agent}/stat`]: statOf(agent, 10, 10),
  [`proc/${agent}/status`]: "Name:\tnode\nVmRSS:\t   60000 kB\n",
  [`proc/${agent}/task/${agent}/children`]: `${model} `,
  [`proc/${model}/stat`]: statOf(model, 100, 0),
  [`proc/${model}/status`]: "VmRSS:\t   90000 kB\n",
  "sys/class/thermal/thermal_zone0/temp": "48312\n",
  "sys/class/thermal/thermal_zone1/temp": "61250\n",
  "sys/class/thermal/thermal_zone2/temp": "-274000\n",
  "sys/class/thermal/cooling_device0/type": "thermal-cpufreq-0\n",
  "sys/class/thermal/cooling_device0/cur_state": "0\n",
  "sys/class/thermal/cooling_device1/type": "gpio-fan\n",
  "sys/class/thermal/cooling_device1/cur_state": "3\n",
  "sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq": "600000\n",
  "sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq": "1500000\n",
  "sys/devices/system/cpu/cpu1/cpufreq/scaling_cur_freq": "1500000\n",
  "sys/devices/system/cpu/cpu1/cpufreq/cpuinfo_max_freq": "1500000\n",
  "sys/class/power_supply/BAT0/type": "Battery\n",
  "sys/class/power_supply/BAT0/capacity": "37\n",
  "sys/class/power_supply/BAT0/status": "Discharging\n",
  "sys/class/power_supply/mouse/type": "Battery\n",
  "sys/class/power_supply/mouse/scope": "Device\n",
  "sys/class/power_supply/mouse/capacity": "5\n",
};

async function aMachine(files: Readonly<Record<string, string>>) {
  const directory = await temporaryDirectory();
  const write = async (changes: Readonly<Record<string, string>>) => {
    for (const [path, text] of Object.entries(changes)) {
      await mkdir(dirname(join(directory.path, path)), { recursive: true });
      await writeFile(join(directory.path, path), text);
    }
  };
  await write(files);
  let at = 0;
  const root = directory.path;
  const sensors = createHealthSensors({ freeDiskBytes: async () => 5_000, pid: agent, root, monotonic: () => at });
  return {
    sensors,
    write,
    passes: (ms: number) => {
      at += ms;
    },
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

describe("what a machine shows of itself", () => {
  it("is read from its files", async () => {
    await using board = await aMachine(aBoard);
    expect(await board.sensors.read()).toEqual({
      "agent-memory": 60_000 * 1_024,
      "models-memory": 90_000 * 1_024,
      "memory-available": 400_000 * 1_024,
      "disk-free": 5_000,
      temperature: 61.25,
      frequency: 0.7,
      throttled: 0,
      battery: 0.37,
      "on-battery": 1,
    });
  });

  it("is absent where there is nothing, and not zero", async () => {
    await using nothing = await aMachine({});
    await nothing.sensors.read();
    nothing.passes(1_000);
    expect(await nothing.sensors.read()).toEqual({ "disk-free": 5_000 });
  });

  it("has shares of time since it was read before", async () => {
    await using board = await aMachine(aBoard);
    await board.sensors.read();
    board.passes(10_000);
    await board.write({
      // 200 of 1,000 ticks were busy.
      "proc/stat": "cpu  200 0 200 1400 200 0 0 0 0 0\n",
      // 30 ticks of the agent and 170 of its child: 2 of 10 seconds.
      [`proc/${agent}/stat`]: statOf(agent, 30, 20),
      [`proc/${model}/stat`]: statOf(model, 200, 70),
    });
    expect(await board.sensors.read()).toMatchObject({ cpu: 0.2, "agent-cpu": 0.2 });
  });

  it("counts a child that began in between from its beginning, and none that is gone", async () => {
    await using board = await aMachine(aBoard);
    await board.sensors.read();
    board.passes(10_000);
    await board.write({ [`proc/${agent}/task/${agent}/children`]: "900", "proc/900/stat": statOf(900, 50, 0) });
    const reading = await board.sensors.read();
    expect(reading).toMatchObject({ "agent-cpu": 0.05 });
    // Nothing was measured: 0 bytes would be the least of the window.
    expect(reading).not.toHaveProperty("models-memory");
  });

  it.each([
    ["its processor is a cooling device that is on", { "sys/class/thermal/cooling_device0/cur_state": "2\n" }],
    ["a core was throttled meanwhile", { "sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count": "8\n" }],
    ["its firmware says so", { "sys/devices/platform/soc/soc:firmware/get_throttled": "50005\n" }],
  ])("is throttled when %s", async (_, change) => {
    const count = "sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count";
    await using board = await aMachine({ ...aBoard, [count]: "7\n" });
    expect(await board.sensors.read()).toMatchObject({ throttled: 0 });
    await board.write(change);
    expect(await board.sensors.read()).toMatchObject({ throttled: 1 });
  });

  it("is read from this machine, too", async () => {
    const sensors = createHealthSensors({
      freeDiskBytes: async () => 1,
      pid: process.pid,
      monotonic: () => performance.now(),
    });
    await sensors.read();
    const reading = await sensors.read();
    for (const value of Object.values(reading)) expect(Number.isFinite(value)).toBe(true);
    expect(reading["disk-free"]).toBe(1);
  });
});
