import { describe, expect, it } from "vitest";
import { copyrightText, NoLicenceError } from "../../../../edge-agent/debian/copyright-text.ts";

const own = "Apache License";

describe("the copyright file of the .deb", () => {
  it("has the terms of Sedge, of Node and of each npm package, by name", () => {
    const text = copyrightText({
      own,
      node: "Node.js is licensed for use as follows",
      parts: [
        { name: "yaml", version: "2.9.1", identifier: "ISC", text: "Copyright Eemeli Aro" },
        { name: "mqtt", version: "5.16.0", identifier: "MIT", text: "Copyright the MQTT.js contributors" },
      ],
    });
    const order = ["Sedge", own, "Node.js", "as follows", "mqtt 5.16.0: MIT", "MQTT.js", "yaml 2.9.1: ISC", "Eemeli"];
    const places = order.map((words) => text.indexOf(words));
    expect(places.every((place) => place >= 0)).toBe(true);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  });

  it("names the licence of a package that brings no text, and says where Node's is", () => {
    const text = copyrightText({
      own,
      node: undefined,
      parts: [{ name: "onnxruntime-node", version: "1.30.0", identifier: "MIT" }],
    });
    expect(text).toContain("onnxruntime-node 1.30.0: MIT\n");
    expect(text).toContain("https://github.com/nodejs/node");
  });

  it("is not made while nothing is known about the terms of a package", () => {
    const parts = [
      { name: "mystery", version: "1.0.0" },
      { name: "known", version: "1.0.0", identifier: "MIT" },
      { name: "riddle", version: "1.0.0", identifier: null, text: null },
    ];
    expect(() => copyrightText({ own, node: undefined, parts })).toThrow(NoLicenceError);
    expect(() => copyrightText({ own, node: undefined, parts })).toThrow(/: mystery, riddle$/);
  });
});
