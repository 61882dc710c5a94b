import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Command, Option } from "commander";
import { buildDeb, DebError } from "./build-deb.ts";
import type { BuildDebOptions, BuiltDeb } from "./build-deb.ts";
import type { Architecture } from "./elf-machine.ts";
import { architectures, elfMachine, gnuNames, notPackaged } from "./elf-machine.ts";

// `npm run deb`: the agent as a Debian package. It runs from the sources, in a checkout that was built.

interface DebFlags {
  readonly arch?: Architecture;
  readonly node: string;
  readonly out: string;
  readonly maintainer: string;
  readonly compression: BuildDebOptions["compression"];
  readonly output: "text" | "json";
}

const project = resolve(fileURLToPath(new URL("../..", import.meta.url)));

await new Command("npm run deb --")
  .description("Builds the agent as a Debian package, with Node and one platform of onnxruntime.")
  .addOption(new Option("--arch <name>", "architecture; that of the given Node otherwise").choices(architectures))
  .option("--node <file>", "the Node that goes in", process.execPath)
  .option("--out <directory>", "where the package is put", join(project, "dist", "deb"))
  .option("--maintainer <name>", "as `Name <address>`", "Sedge <root@localhost>")
  .addOption(new Option("--compression <kind>").choices(["xz", "zstd", "gzip", "none"]).default("xz"))
  .addOption(new Option("-o, --output <form>", "form of the answer").choices(["text", "json"]).default("text"))
  .action(build)
  .parseAsync()
  .catch((error: unknown) => {
    process.stderr.write(`deb: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });

async function build(flags: DebFlags): Promise<void> {
  const { version } = JSON.parse(await readFile(join(project, "package.json"), "utf8")) as { version: string };
  const architecture = flags.arch ?? (await elfMachine(flags.node));
  if (architecture === undefined) throw new DebError(notPackaged(flags.node));
  const { node, out, maintainer, compression } = flags;
  const stage = await mkdtemp(join(tmpdir(), "sedge-deb-"));
  try {
    const sourceDateEpoch = await readSourceDateEpoch();
    const built = await buildDeb({
      project,
      architecture,
      node,
      version,
      maintainer,
      stage,
      sourceDateEpoch,
      compression,
      out,
    });
    process.stdout.write(flags.output === "json" ? `${JSON.stringify(built)}\n` : textOf(built, architecture));
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}

function textOf(
  { path, bytes, installedBytes, packages, sha256, isStripped }: BuiltDeb,
  architecture: Architecture,
): string {
  const megabytes = (count: number) => `${(count / 1e6).toFixed(1)} MB`;
  const binutils = `binutils-${gnuNames[architecture].replace("_", "-")}`;
  const lines = [
    path,
    `${megabytes(bytes)}, ${megabytes(installedBytes)} installed, ${packages.length} npm packages`,
    `sha256 ${sha256}`,
    ...(isStripped
      ? []
      : [`Node still has its debug information: with ${binutils} or llvm installed the package becomes smaller`]),
  ];
  return `${lines.join("\n")}\n`;
}

/** When the sources were last changed, so that whoever builds them gets the same bytes (reproducible-builds.org). */
async function readSourceDateEpoch(): Promise<number> {
  const said = process.env["SOURCE_DATE_EPOCH"];
  const text =
    said ??
    (await promisify(execFile)("git", ["-C", project, "log", "-1", "--format=%ct"]).then(
      ({ stdout }) => stdout.trim(),
      () => "",
    ));
  if (/^\d+$/.test(text)) return Number(text);
  throw new DebError("the time of the sources is not known here: set SOURCE_DATE_EPOCH to seconds since 1970");
}
