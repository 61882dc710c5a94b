import { stat } from "node:fs/promises";
import { errorCode } from "../adapters/node/durable-files.ts";

/**
 * A command that root runs on a directory of another user takes that user's identity first. What it writes could otherwise not be
 * read by the agent, and what it finds readable would not be so for the agent. For a directory that is missing nothing changes.
 */
export async function actAsOwnerOf(directory: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  let owner: { readonly uid: number; readonly gid: number };
  try {
    owner = await stat(directory);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return;
    throw error;
  }
  if (owner.uid === 0) return;
  // The groups first: only root may change them.
  process.setgroups?.([owner.gid]);
  process.setgid?.(owner.gid);
  process.setuid?.(owner.uid);
}
