import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { findConnection } from "../../../../control-plane/cli/connection.ts";

let data: string;
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), "sedge-connection-"));
});
afterEach(() => rm(data, { recursive: true }));

async function leftByServe() {
  await writeFile(join(data, "connection.json"), JSON.stringify({ url: "http://127.0.0.1:4680" }));
  await writeFile(join(data, "operator-token"), "from-file\n");
}

describe("findConnection", () => {
  test("takes what `sedge serve` left in its data directory", async () => {
    await leftByServe();
    expect(await findConnection({}, { SEDGE_DATA: data })).toEqual({
      server: "http://127.0.0.1:4680",
      token: "from-file",
    });
  });

  test("takes flags before the environment, and that before the directory", async () => {
    await leftByServe();
    const environment = { SEDGE_DATA: data, SEDGE_SERVER: "http://b:1", SEDGE_TOKEN: "b" };
    expect(await findConnection({}, environment)).toEqual({ server: "http://b:1", token: "b" });
    expect(await findConnection({ server: "http://a:1", token: "a" }, environment)).toEqual({
      server: "http://a:1",
      token: "a",
    });
  });

  test("takes a directory that is named, whatever the environment says of others", async () => {
    await leftByServe();
    const environment = { SEDGE_DATA: "/elsewhere", SEDGE_SERVER: "http://b:1", SEDGE_TOKEN: "b" };
    expect(await findConnection({ data }, environment)).toEqual({
      server: "http://127.0.0.1:4680",
      token: "from-file",
    });
  });

  test("never sends the token of one server to another", async () => {
    await leftByServe();
    await expect(findConnection({ server: "http://elsewhere:1" }, { SEDGE_DATA: data })).rejects.toThrow(
      "the token for http://elsewhere:1 is missing: --token TOKEN or SEDGE_TOKEN",
    );
  });

  test("says what to do when it finds nothing, or nothing of use", async () => {
    await expect(findConnection({}, { SEDGE_DATA: data })).rejects.toThrow(/start one here with `sedge serve`/);
    await writeFile(join(data, "connection.json"), "{");
    await expect(findConnection({}, { SEDGE_DATA: data })).rejects.toThrow(/holds no "url"/);
    await expect(findConnection({ server: "localhost", token: "t" }, {})).rejects.toThrow(/write http:\/\/host:port/);
  });
});
