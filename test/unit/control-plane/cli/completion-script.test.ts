import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import type { CommandTree } from "../../../../control-plane/cli/completion-script.ts";
import { completionScript } from "../../../../control-plane/cli/completion-script.ts";

const tree: CommandTree = {
  name: "sedge",
  flags: ["--output", "-o"],
  commands: [
    {
      name: "device",
      flags: [],
      commands: [
        { name: "list", flags: ["--selector", "--all"], commands: [] },
        { name: "logs", flags: ["--follow"], commands: [] },
      ],
    },
    { name: "demo", flags: [], commands: [] },
  ],
};

/** What bash offers for a line whose last word is being typed. */
function offers(...words: readonly string[]): readonly string[] {
  const line = ["sedge", ...words].map((word) => `'${word}'`).join(" ");
  const ask = `COMP_WORDS=(${line}); COMP_CWORD=${words.length}; _sedge_completion; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync("bash", ["-c", `${completionScript(tree, "bash")}\n${ask}`], {
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  return stdout.split("\n").filter((offer) => offer !== "");
}

test.each([
  [["d"], ["device", "demo"]],
  [
    ["device", ""],
    ["list", "logs"],
  ],
  [["device", "li"], ["list"]],
  [["-o", "json", "device", "lo"], ["logs"]],
  [
    ["device", "list", "--"],
    ["--selector", "--all", "--output"],
  ],
  [["device", "logs", "cam-1", "--f"], ["--follow"]],
  [["device", "logs", "cam"], []],
])("sedge %j is completed", (words, expected) => {
  expect(offers(...words)).toEqual(expected);
});

test("zsh runs the same script", () => {
  expect(completionScript(tree, "zsh")).toBe(
    `autoload -Uz +X bashcompinit && bashcompinit\n${completionScript(tree, "bash")}`,
  );
});
