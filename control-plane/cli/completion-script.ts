/** A command as completion sees it. Names are of a-z, 0-9 and "-", so that they need no quotes. */
export interface CommandTree {
  readonly name: string;
  /** Such as --output and -o. */
  readonly flags: readonly string[];
  readonly commands: readonly CommandTree[];
}

export const completionShells = ["bash", "zsh"] as const;
export type CompletionShell = (typeof completionShells)[number];

/**
 * A script that completes commands and, after a "-", options; everything else is a file name to it. It asks nobody: pressing Tab is as
 * quick without a control plane. zsh runs the script of bash.
 */
export function completionScript(program: CommandTree, shell: CompletionShell): string {
  const nodes = [...nodesOf(program, "")];
  const known = nodes.filter(({ path }) => path !== "").map(({ path }) => `"${path}"`);
  const own = `_${program.name}_completion`;
  return [
    ...(shell === "zsh" ? ["autoload -Uz +X bashcompinit && bashcompinit"] : []),
    `${own}() {`,
    '  local current="${COMP_WORDS[COMP_CWORD]}" path="" word words="" flags=""',
    '  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do',
    '    case "$path $word" in',
    `      ${known.join("|")}) path="$path $word" ;;`,
    "    esac",
    "  done",
    '  case "$path" in',
    ...nodes.map(
      ({ path, node }) =>
        `    "${path}") words="${node.commands.map(({ name }) => name).join(" ")}" flags="${node.flags.join(" ")}" ;;`,
    ),
    "  esac",
    `  case "$current" in -*) words="$flags ${program.flags.join(" ")}" ;; esac`,
    '  COMPREPLY=($(compgen -W "$words" -- "$current"))',
    "}",
    `complete -o default -F ${own} ${program.name}`,
    "",
  ].join("\n");
}

function* nodesOf(node: CommandTree, path: string): Generator<{ readonly path: string; readonly node: CommandTree }> {
  yield { path, node };
  for (const child of node.commands) yield* nodesOf(child, `${path} ${child.name}`);
}
