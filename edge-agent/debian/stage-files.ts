import { chmod, copyFile, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import type { Architecture } from "./elf-machine.ts";
import { importedPackages, isAgentFile, isNeeded, isRunDependency } from "./needed-files.ts";

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

export class NotBuiltError extends Error {
  override readonly name = "NotBuiltError";
}

/** The compiled agent of the project at `project` to `library` of the stage. */
export async function stageAgent(stage: Stage, project: string, library: string): Promise<void> {
  const dist = join(project, "dist");
  const files = (await filesBelow(dist).catch(() => [])).filter(isAgentFile);
  for (const needed of ["edge-agent/daemon/main.js", "proto/generated/sedge.js"])
    if (!files.includes(needed))
      throw new NotBuiltError(`${join(dist, needed)} is missing: run \`npm run build\` first`);
  for (const file of files) await stage.copy(join(dist, file), join(library, "dist", file));
  const { version } = JSON.parse(await readFile(join(project, "package.json"), "utf8")) as { version: string };
  // The agent reads its version from here, and Node that the files are modules.
  const description = { name: "sedge-agent", version, private: true, type: "module" };
  await stage.write(join(library, "package.json"), `${JSON.stringify(description, undefined, 2)}\n`);
}

/** The npm packages that the agent loads when it runs, with one platform of onnxruntime. Answers their names. */
export async function stagePackages(
  stage: Stage,
  project: string,
  library: string,
  architecture: Architecture,
): Promise<readonly string[]> {
  const placed = new Set<string>();
  const place = async (name: string, wantedBy: string) => {
    const directory = await findPackage(name, wantedBy, project);
    const at = relative(project, directory);
    if (placed.has(at)) return;
    placed.add(at);
    for (const file of await filesBelow(directory))
      if (!file.startsWith("node_modules/") && isNeeded(name, file, architecture))
        await stage.copy(join(directory, file), join(library, at, file));
    const { dependencies = {} } = JSON.parse(await readFile(join(directory, "package.json"), "utf8")) as {
      dependencies?: Readonly<Record<string, string>>;
    };
    for (const dependency of Object.keys(dependencies))
      if (isRunDependency(name, dependency)) await place(dependency, directory);
  };
  for (const name of importedPackages) await place(name, project);
  return [...placed].toSorted();
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
