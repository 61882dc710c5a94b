import { describe, expect, it } from "vitest";
import { ConfigError } from "../../../../edge-agent/daemon/config-sources.ts";
import { parseConfig } from "../../../../edge-agent/daemon/config.ts";
import { checkReadOnlyRoot, runtimeDirectoriesIn } from "../../../../edge-agent/daemon/read-only-root.ts";

const mistakesOf = (settings: object, runtimeDirectories: readonly string[] = []): readonly string[] => {
  try {
    checkReadOnlyRoot(parseConfig("test", { data: "/data/sedge", ...settings }), runtimeDirectories);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes;
    throw error;
  }
};

describe("with a root that is read-only", () => {
  it("the data directory and the service's runtime directories may be written", () => {
    const inputs = [{ kind: "directory", model: "digits", path: "/data/sedge/in" }];
    expect(mistakesOf({ inputs, http: { socket: "/run/sedge-agent/a.sock" } }, ["/run/sedge-agent"])).toEqual([]);
    expect(runtimeDirectoriesIn({ RUNTIME_DIRECTORY: "/run/a:/run/b" })).toEqual(["/run/a", "/run/b"]);
    expect(runtimeDirectoriesIn({})).toEqual([]);
  });

  it("every setting that would write elsewhere is named", () => {
    const inputs = [{ kind: "directory", model: "digits", path: "/data/sedge-other/in" }];
    const mistakes = mistakesOf({ inputs, http: { socket: "/data/sedge/../a.sock" } }, ["/run/sedge-agent"]);
    expect(mistakes.map((mistake) => mistake.split(":")[0])).toEqual(["http.socket", "inputs[0].path"]);
  });
});
