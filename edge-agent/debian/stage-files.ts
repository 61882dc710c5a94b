import { chmod, copyFile, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import type { Architecture } from "./elf-machine.ts";
import { bundleAgent, NotBuiltError } from "./bundle-agent.ts";
import type { LicensedPart } from "./copyright-text.ts";
import { externalPackages, isNeeded, isRunDependency } from "./needed-files.ts";

/** A directory that grows into the root of the package. */
export class Stage {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  async write(path: string, content: string, mode = 0o644): Promise<void> {
    const to = join(this.root, path);
    await mkdir(dirname(to), { recursive: true });
    await writeFile(to, content);
    await chmod(to, mode);
  }

  async copy(from: string, path: string, mode = 0o644): Promise<void> {
    const to = join(this.root, path);
    await mkdir(dirname(to), { recursive: true });
    await copyFile(from, to);
    await chmod(to, mode);
  }

  /** All files, sorted, by their paths below the root. */
  async files(): Promise<readonly string[]> {
    return await filesBelow(this.root);
  }
}

/** The bundled agent of the project at `project` to `library` of the stage. Answers the npm packages in it. */
export async function stageAgent(stage: Stage, project: string, library: string): Promise<readonly LicensedPart[]> {
  const { files, parts } = await bundleAgent(project);
  for (const { name, content } of files) await stage.write(join(library, "agent", name), content);
  const { version } = await readDescription(project);
  // The agent reads its version from here, and Node that the files are modules.
  const description = { name: "sedge-agent", version, private: true, type: "module" };
  await stage.write(join(library, "package.json"), `${JSON.stringify(description, undefined, 2)}\n`);
  return parts;
}

/** The npm packages that the bundle loads when it runs, with one platform of onnxruntime. Answers what they are. */
export async function stagePackages(
  stage: Stage,
  project: string,
  library: string,
  architecture: Architecture,
): Promise<readonly LicensedPart[]> {
  const placed = new Map<string, LicensedPart>();
  const place = async (name: string, wantedBy: string) => {
    const directory = await findPackage(name, wantedBy, project);
    const at = relative(project, directory);
    if (placed.has(at)) return;
    const { version = "", license, dependencies = {} } = await readDescription(directory);
    placed.set(at, { name, version, ...(license !== undefined && { identifier: license }) });
    for (const file of await filesBelow(directory))
      if (!file.startsWith("node_modules/") && isNeeded(name, file, architecture))
        await stage.copy(join(directory, file), join(library, at, file));
    for (const dependency of Object.keys(dependencies))
      if (isRunDependency(name, dependency)) await place(dependency, directory);
  };
  for (const name of externalPackages) await place(name, project);
  return [...placed.values()];
}

interface PackageDescription {
  readonly version?: string;
  readonly license?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

async function readDescription(directory: string): Promise<PackageDescription> {
  return JSON.parse(await readFile(join(directory, "package.json"), "utf8")) as PackageDescription;
}

/** As Node looks for it: beside the one who wants it, or above. */
async function findPackage(name: string, wantedBy: string, project: string): Promise<string> {
  for (let from = wantedBy; from.startsWith(project); from = dirname(from)) {
    const directory = join(from, "node_modules", name);
    if (
      await stat(join(directory, "package.json")).then(
        () => true,
        () => false,
      )
    )
      return directory;
  }
  throw new NotBuiltError(`the npm package ${name} is not installed: run \`npm ci\` first`);
}

async function filesBelow(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)))
    .toSorted();
}
