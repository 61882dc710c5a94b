import { describe, expect, it } from "vitest";
import { endsItsProcess, openSqlite } from "../../../../control-plane/storage/native-build.ts";

/** Names of the functions that an addon asks Node for, as its file has them. */
const addons = {
  "with the hooks": Buffer.from("\0_ZN4node28RemoveEnvironmentCleanupHookEPN2v87IsolateE\0"),
  "without them": Buffer.from("\0_ZN4node25AddEnvironmentCleanupHookEPN2v87IsolateE\0"),
} as const;

describe("a build of better-sqlite3", () => {
  it.each([
    ["20.20.2", "with the hooks", false],
    ["22.23.3", "with the hooks", false],
    ["24.18.1", "with the hooks", false],
    ["24.19.0", "with the hooks", true],
    ["24.21.0", "with the hooks", true],
    ["24.21.0", "without them", false],
    ["24.22.0", "with the hooks", false],
    ["25.9.0", "with the hooks", false],
  ] as const)("under Node %s, %s, ends its process: %s", (version, addon, ends) => {
    expect(endsItsProcess(version, () => addons[addon])).toBe(ends);
  });

  it("is not read where the version of Node has no such fault", () => {
    const read = () => {
      throw new Error("read");
    };
    expect(endsItsProcess("22.23.3", read)).toBe(false);
    expect(() => endsItsProcess("24.20.0", read)).toThrow("read");
  });

  it("opens a database under the Node that runs the tests", () => {
    const handle = openSqlite(":memory:");
    expect(handle.prepare("select 1 as one").get()).toEqual({ one: 1 });
    handle.close();
  });
});
