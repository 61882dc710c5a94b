import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { runCommandLine } from "../../../../control-plane/cli/run-command-line.ts";
import { createTerminal } from "../../../../control-plane/cli/terminal.ts";

async function run(line: string, environment: Readonly<Record<string, string>> = {}) {
  const written = { out: "", err: "" };
  const stream = (name: "out" | "err") => ({ write: (text: string) => Boolean((written[name] += text)) });
  const exitCode = await runCommandLine(
    line.split(" ").filter((word) => word !== ""),
    {
      terminal: createTerminal(stream("out") as never, stream("err") as never, environment),
      environment: { SEDGE_DATA: "/nonexistent", ...environment },
      now: () => 0,
      signal: new AbortController().signal,
    },
    "1.2.3",
  );
  return { exitCode, ...written };
}

describe("help", () => {
  test("is no mistake when it was asked for, and lists the exit codes", async () => {
    const { exitCode, out, err } = await run("--help");
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" });
    expect(out).toContain("3    the control plane does not run, or cannot be reached");
  });

  test("of a command names the options that all have", async () => {
    expect((await run("rollout start --help")).out).toContain("--output <format>");
  });

  test("comes where a command is missing, with exit code 2", async () => {
    const { exitCode, out, err } = await run("device");
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: "" });
    expect(err).toContain("sedge device [options] [command]");
  });

  test("the version is one line", async () => {
    expect(await run("--version")).toEqual({ exitCode: 0, out: "1.2.3\n", err: "" });
  });
});

describe("mistakes on the command line", () => {
  test.each(["devise list", "device list --whole", "device show", "-o yaml device list", "events tail -n many"])(
    "sedge %s: exit code 2",
    async (line) => {
      const { exitCode, out, err } = await run(line);
      expect({ exitCode, out }).toEqual({ exitCode: 2, out: "" });
      expect(err).toMatch(/^error: /);
    },
  );

  test.each(["devise list -o json", "-o json devise list", "devise list --output=json"])(
    "sedge %s: told as one JSON document",
    async (line) => {
      const { err } = await run(line);
      expect(JSON.parse(err)).toEqual({
        error: { message: "unknown command 'devise'\n(Did you mean device?)\nSee: sedge --help", exitCode: 2 },
      });
    },
  );

  test("a rollout with three of them names all three", async () => {
    const { exitCode, err } = await run("rollout start digits@2 --soak soon --stages a,b --gate noise=1 -o json");
    expect(exitCode).toBe(2);
    expect((JSON.parse(err) as { error: { problems: string[] } }).error.problems).toHaveLength(3);
  });
});

describe("a control plane that is not there", () => {
  test("none runs here: exit code 3, and what to do", async () => {
    const { exitCode, err } = await run("status");
    expect(exitCode).toBe(3);
    expect(err).toContain("start one here with `sedge serve`");
  });

  test("nobody listens: exit code 3", async () => {
    const { port } = await listening();
    await closeServers();
    const { exitCode, err } = await run(`status --server http://127.0.0.1:${port}`, { SEDGE_TOKEN: "t" });
    expect(exitCode).toBe(3);
    expect(err).toContain("cannot be reached: nothing listens there (ECONNREFUSED)");
  });

  test.each([
    [200, "<html>", "does not answer like a Sedge control plane"],
    [404, "no such page", "does not answer like a Sedge control plane"],
    [502, "bad gateway", "cannot be reached"],
    [408, "", "cannot be reached"],
  ])("somebody else answers %i: exit code 3, and the doubt about the address", async (status, body, doubt) => {
    const { port } = await listening(status, body);
    const { exitCode, err } = await run(`status --server http://127.0.0.1:${port} --token t`);
    expect(exitCode).toBe(3);
    expect(err).toContain(doubt);
  });
});

const servers = new Set<ReturnType<typeof createServer>>();
afterEach(closeServers);

async function listening(status = 200, body = "") {
  const server = createServer((_request, response) => response.writeHead(status).end(body));
  servers.add(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { port: (server.address() as AddressInfo).port };
}

async function closeServers() {
  for (const server of servers) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  servers.clear();
}
