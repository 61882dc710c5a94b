/** A person or program that runs the fleet, known by a token. Histories and events carry the name. */
export interface Operator {
  readonly name: string;
  readonly addedAtMs: number;
  readonly addedBy: string;
}

/** Whose token the control plane made at its first start: whoever can read its data directory. Alone in adding and removing others. */
export const firstOperator = "operator";

export function isOperatorName(text: string): boolean {
  return /^[a-z][a-z0-9._-]{0,63}$/.test(text);
}
