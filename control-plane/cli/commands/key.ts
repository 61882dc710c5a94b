import type { Command } from "commander";
import type { NewKeyOptions } from "../manage-keys.ts";
import type { Surroundings } from "../session.ts";
import { openSession } from "../session.ts";

// What each does is loaded when it runs: `--help` answers at once.
export function addKeyCommands(program: Command, surroundings: Surroundings): void {
  const key = program
    .command("key")
    .description("your publisher key, which signs models; it never leaves this machine");

  key
    .command("new")
    .description("make a key in an encrypted file (scrypt, AES-256-GCM); never replaces one")
    .option("--out <file>", "file to write; else where `sedge model push` looks for your key")
    .option("--passphrase-file <file>", "take the passphrase from a file, for scripts (or $SEDGE_KEY_PASSPHRASE)")
    .option("--no-passphrase", "leave the file unencrypted: whoever reads it can sign models")
    .action(async (options: NewKeyOptions, command: Command) => {
      const { newKey } = await import("../manage-keys.ts");
      await newKey(openSession(surroundings, command), options);
    });

  key
    .command("show [file]")
    .description("the id and the public half of a key")
    .action(async (file: string | undefined, _options: object, command: Command) => {
      const { showKey } = await import("../manage-keys.ts");
      await showKey(openSession(surroundings, command), file);
    });

  key
    .command("export-public [file]")
    .description("the public half as PEM, for whoever verifies your packages")
    .action(async (file: string | undefined, _options: object, command: Command) => {
      const { exportPublicKey } = await import("../manage-keys.ts");
      await exportPublicKey(openSession(surroundings, command), file);
    });
}
