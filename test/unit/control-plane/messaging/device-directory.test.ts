import { describe, expect, it } from "vitest";
import { createDeviceDirectory } from "../../../../control-plane/messaging/device-directory.ts";
import { parseDeviceId } from "../../../../proto/ids.ts";

const device = parseDeviceId("cam-1");

function start() {
  const reports: string[] = [];
  const directory = createDeviceDirectory<ReturnType<typeof connection>>(
    ({ kind, at }) => reports.push(`${kind} at ${at}`),
    () => 7,
  );
  return { directory, reports };
}

function connection(state: { readonly closed?: boolean; readonly destroyed?: boolean } = {}) {
  const did: string[] = [];
  return {
    did,
    rights: { device },
    pace: { stop: () => did.push("pace stopped") },
    client: {
      closed: state.closed ?? false,
      conn: { destroyed: state.destroyed ?? false },
      close: () => did.push("client closed"),
    },
  };
}

describe("the directory of connected devices", () => {
  it("reports a device that comes and goes, once each", () => {
    const { directory, reports } = start();
    const only = connection();
    directory.arrive(only);
    expect(directory.devices()).toEqual([device]);
    directory.depart(only);
    directory.depart(only);
    expect(reports).toEqual(["connected at 7", "disconnected at 7"]);
    expect(directory.devices()).toEqual([]);
    expect(only.did).toContain("pace stopped");
  });

  it("closes whoever was there before, and its late end changes nothing", () => {
    const { directory, reports } = start();
    const [first, second] = [connection(), connection()];
    directory.arrive(first);
    directory.arrive(second);
    expect(first.did).toContain("client closed");
    directory.depart(first);
    expect(directory.get(device)).toBe(second);
    expect([directory.isCurrent(first), directory.isCurrent(second)]).toEqual([false, true]);
    expect(reports).toEqual(["connected at 7", "disconnected at 7", "connected at 7"]);
  });

  it.each([{ closed: true }, { destroyed: true }])("takes nobody in who has already gone: %o", (state) => {
    const { directory, reports } = start();
    const present = connection();
    directory.arrive(present);
    directory.arrive(connection(state));
    expect(directory.get(device)).toBe(present);
    expect(reports).toEqual(["connected at 7"]);
  });
});
