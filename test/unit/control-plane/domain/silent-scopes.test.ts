import { describe, expect, it } from "vitest";
import { silentScopes } from "../../../../control-plane/domain/silent-scopes.ts";
import { parseDeviceId } from "../../../../proto/ids.ts";

/** Devices as `cam-1 lyon` or `cam-1 lyon old`; a silent one begins with an exclamation mark. */
function scopesOf(...devices: readonly string[]): readonly string[] {
  const used = devices.map((text) => {
    const [name = "", site, camera] = text.replace("!", "").split(" ");
    const labels = { ...(site !== undefined && { site }), ...(camera !== undefined && { camera }) };
    return { device: parseDeviceId(name), labels, isSilent: text.startsWith("!") };
  });
  return silentScopes(used).map(({ scope, devices: members }) => {
    const name = scope.kind === "cohort" ? `${scope.key}=${scope.value}` : scope.kind;
    return `${name}: ${members.join(" ")}`;
  });
}

describe("the groups that went silent as a whole", () => {
  it("are none where nobody is silent", () => {
    expect(scopesOf("cam-1 lyon", "cam-2 lyon")).toEqual([]);
  });

  it("are the fleet, but not one device alone", () => {
    expect(scopesOf("!cam-1 lyon", "!cam-2 nice")).toEqual(["fleet: cam-1 cam-2"]);
    expect(scopesOf("!cam-1 lyon")).toEqual(["device: cam-1"]);
  });

  it("are values of a label, and the other devices one by one", () => {
    const devices = ["!cam-2 lyon", "!cam-1 lyon", "!cam-3 nice", "cam-4 nice", "!cam-5 paris"];
    expect(scopesOf(...devices)).toEqual(["site=lyon: cam-1 cam-2", "device: cam-3", "device: cam-5"]);
  });

  it("are those of the label that takes in most of them, with the fewest values", () => {
    const devices = ["!cam-1 lyon old", "!cam-2 lyon old", "!cam-3 nice old", "cam-4 nice new"];
    expect(scopesOf(...devices)).toEqual(["camera=old: cam-1 cam-2 cam-3"]);
    const twoSites = ["!cam-1 lyon old", "!cam-2 lyon old", "!cam-3 nice old", "!cam-4 nice old", "cam-5 rome new"];
    expect(scopesOf(...twoSites)).toEqual(["camera=old: cam-1 cam-2 cam-3 cam-4"]);
  });
});
