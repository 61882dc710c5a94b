import { execFile, spawnSync } from "node:child_process";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { BuiltDeb } from "../../edge-agent/debian/build-deb.ts";
import { elfMachine } from "../../edge-agent/debian/elf-machine.ts";
import { startOneDeviceControl } from "../support/one-device-control.ts";
import { SedgeAgent } from "../support/sedge-agent.ts";
import type { TemporaryDirectory } from "../support/temporary-directory.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const run = promisify(execFile);
const canBuild = process.platform === "linux" && spawnSync("dpkg-deb", ["--version"]).status === 0;
const project = fileURLToPath(new URL("../..", import.meta.url));

async function build(out: string, ...more: readonly string[]): Promise<BuiltDeb> {
  const flags = ["--out", out, "--compression", "none", "-o", "json", ...more];
  // `npm run deb` without its build, which other tests' programs are being read from.
  const { stdout } = await run(process.execPath, ["--import", "tsx", "edge-agent/debian/main.ts", ...flags], {
    cwd: project,
    env: { ...process.env, SOURCE_DATE_EPOCH: "1700000000" },
  });
  return JSON.parse(stdout) as BuiltDeb;
}

describe.skipIf(!canBuild)("the Debian package", () => {
  let directory: TemporaryDirectory;
  let built: BuiltDeb;
  let root: string;
  beforeAll(async () => {
    directory = await temporaryDirectory();
    built = await build(directory.path);
    root = join(directory.path, "root");
    await run("dpkg-deb", ["--extract", built.path, root]);
  });
  afterAll(() => directory[Symbol.asyncDispose]());

  it("has the same bytes when the same sources are built again", async () => {
    expect((await build(join(directory.path, "again"))).sha256).toBe(built.sha256);
  });

  it("declares its configuration, its libraries and its scripts, and every file's sum is right", async () => {
    const control = join(directory.path, "control");
    await run("dpkg-deb", ["--control", built.path, control]);
    expect((await readdir(control)).toSorted()).toEqual([
      "conffiles",
      "control",
      "md5sums",
      "postinst",
      "postrm",
      "prerm",
    ]);
    expect(await readFile(join(control, "conffiles"), "utf8")).toBe("/etc/sedge-agent/config.yaml\n");
    for (const script of ["postinst", "postrm", "prerm"]) await run("sh", ["-n", join(control, script)]);
    await run("md5sum", ["--check", "--quiet", join(control, "md5sums")], { cwd: root });
  });

  it("holds one platform of onnxruntime, its own Node, and nothing that only development needs", async () => {
    const files = (await readdir(root, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => relative(root, join(entry.parentPath, entry.name)));
    expect(files.filter((file) => /libonnxruntime/.test(file))).toHaveLength(1);
    expect(files.filter((file) => /\.(?:ts|map|md)$/.test(file) && !/licen[cs]e/i.test(file))).toEqual([]);
    expect(files.filter((file) => /control-plane|simulator|\/test\//.test(file))).toEqual([]);
    expect((await stat(join(root, "usr/lib/sedge-agent/node"))).mode & 0o111).toBe(0o111);
  });

  it("is made for another architecture too: of all machine code in it, none is for this one", async () => {
    const [other, machine] = process.arch === "arm64" ? (["amd64", 62] as const) : (["arm64", 183] as const);
    // What a Node for it begins with; nothing here could run the rest.
    const head = Buffer.alloc(64);
    head.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
    head.writeUInt16LE(machine, 18);
    const node = join(directory.path, `node-${other}`);
    await writeFile(node, head);
    const foreign = await build(join(directory.path, other), "--arch", other, "--node", node);
    expect(foreign).toMatchObject({ path: expect.stringMatching(`_${other}\\.deb$`), packages: built.packages });

    const tree = join(directory.path, `root-${other}`);
    await run("dpkg-deb", ["--extract", foreign.path, tree]);
    const below = async (at: string) =>
      (await readdir(at, { recursive: true, withFileTypes: true }))
        .filter((entry) => entry.isFile())
        .map((entry) => relative(at, join(entry.parentPath, entry.name)))
        .toSorted();
    const machines = await Promise.all((await below(tree)).map((file) => elfMachine(join(tree, file))));
    expect(machines.filter((found) => found !== undefined)).toEqual([other, other, other]);
    // The other files are the same ones.
    const here = process.arch === "arm64" ? "arm64" : "x64";
    const there = here === "x64" ? "arm64" : "x64";
    expect((await below(tree)).map((file) => file.replace(`linux/${there}/`, `linux/${here}/`))).toEqual(
      await below(root),
    );
    expect((await run("dpkg-deb", ["--field", foreign.path, "Architecture"])).stdout).toBe(`${other}\n`);
  });

  it("has the daemon in a few files, whose stacks can be read, with a file for each command", async () => {
    const agent = join(root, "usr/lib/sedge-agent/agent");
    const files = await readdir(agent);
    expect(files.length).toBeLessThan(60);
    expect(files).toEqual(
      expect.arrayContaining(["main.js", "inference-child.js", "run-command.js", "logs-command.js"]),
    );
    expect(await readFile(join(agent, "run-command.js"), "utf8")).toMatch(/^async function runCommand\(/m);
    // Nothing of npm but what loads files that lie beside it.
    expect((await readdir(join(root, "usr/lib/sedge-agent/node_modules"))).toSorted()).toEqual([
      "onnxruntime-common",
      "onnxruntime-node",
      "onnxruntime-web",
    ]);
  });

  it("says under which terms each npm package in it comes", async () => {
    const copyright = await readFile(join(root, "usr/share/doc/sedge-agent/copyright"), "utf8");
    expect(built.packages).toEqual(expect.arrayContaining(["mqtt", "onnxruntime-node", "protobufjs", "yaml"]));
    const unnamed = built.packages.filter((name) => !copyright.includes(`\n${name} `));
    expect(unnamed).toEqual([]);
  });

  it("runs from where it is unpacked: enrols, takes a model, answers, and finds nothing wrong with itself", async () => {
    await using control = await startOneDeviceControl();
    const agent = new SedgeAgent(join(directory.path, "device"), [
      join(root, "usr/lib/sedge-agent/node"),
      join(root, "usr/lib/sedge-agent/agent/main.js"),
    ]);
    expect(await agent.enrol(control)).toMatchObject({ code: 0 });
    await using daemon = await agent.daemon();
    await agent.serving("1");
    const doctor = await agent.run("doctor");
    expect(doctor).toMatchObject({ code: 0, output: expect.stringMatching(/^\[ ok \] onnxruntime/m) });
    daemon.process.kill("SIGTERM");
    expect(await daemon.exit).toBe(0);
  });
});
