import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";

export interface ChildProgram {
  readonly file: string;
  readonly execArgv: string[];
}

/**
 * The program that lies beside the calling module (`importer` is its import.meta.url) under the name `name`, without extension. Before
 * the build it is TypeScript, which the child reads through tsx, as its parent does.
 */
export function childProgram(importer: string, name: string): ChildProgram {
  if (!importer.endsWith(".ts")) return { file: fileURLToPath(new URL(`./${name}.js`, importer)), execArgv: [] };
  const loader = createRequire(importer).resolve("tsx");
  return {
    file: fileURLToPath(new URL(`./${name}.ts`, importer)),
    execArgv: ["--import", pathToFileURL(loader).href],
  };
}
