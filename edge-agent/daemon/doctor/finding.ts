import { wrapped } from "../console-text.ts";

/**
 * What one check found. `warning`: the agent works, and somebody should look; `failed`: something does not work; `skipped`: it could
 * not be checked, and `says` why.
 */
export interface Finding {
  readonly check: string;
  readonly verdict: "ok" | "warning" | "failed" | "skipped";
  readonly says: string;
  /** What to do about it. */
  readonly advice: string | undefined;
}

export function ok(check: string, says: string): Finding {
  return { check, verdict: "ok", says, advice: undefined };
}

export function warning(check: string, says: string, advice: string): Finding {
  return { check, verdict: "warning", says, advice };
}

export function failed(check: string, says: string, advice: string): Finding {
  return { check, verdict: "failed", says, advice };
}

export function skipped(check: string, says: string): Finding {
  return { check, verdict: "skipped", says, advice: undefined };
}

const marks: Readonly<Record<Finding["verdict"], string>> = {
  ok: "[ ok ]",
  warning: "[WARN]",
  failed: "[FAIL]",
  skipped: "[ -- ]",
};

export function findingText({ check, verdict, says, advice }: Finding): string {
  const lines = wrapped(`${marks[verdict]} ${check.padEnd(14)} `, says);
  return [...lines, ...(advice === undefined ? [] : wrapped(`${" ".repeat(21)} -> `, advice))].join("\n");
}

/** Example: `2 failed, 1 warning, 11 ok`. */
export function verdictText(findings: readonly Finding[]): string {
  const count = (verdict: Finding["verdict"]) => findings.filter((finding) => finding.verdict === verdict).length;
  const parts = [
    [count("failed"), "failed"],
    [count("warning"), count("warning") === 1 ? "warning" : "warnings"],
    [count("ok"), "ok"],
    [count("skipped"), "not checked"],
  ] as const;
  return parts
    .filter(([number]) => number > 0)
    .map(([number, name]) => `${number} ${name}`)
    .join(", ");
}
