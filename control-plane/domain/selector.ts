import type { Device } from "./device.ts";

/**
 * An expression over the labels and the profile of a device, such as `site=lyon and hardware in (cm4, cm5) and not canary=no`.
 * selector-parser.ts reads it.
 *
 * A key is the name of a label, or one of `device` (its id), `hardware`, `architecture` and `os` (without its version).
 * A device without the label is equal to no value: `site=lyon` leaves it out, `site!=lyon` and `site not in (lyon)` take it.
 */
export type Selector =
  | { readonly kind: "all" }
  | { readonly kind: "in"; readonly key: string; readonly values: readonly string[] }
  | { readonly kind: "not"; readonly operand: Selector }
  | { readonly kind: "and"; readonly operands: readonly Selector[] }
  | { readonly kind: "or"; readonly operands: readonly Selector[] };

/** Words with a meaning in the grammar: as a key or value they are written in quotes. */
export const selectorKeywords: ReadonlySet<string> = new Set(["all", "and", "or", "not", "in"]);

/** What stands in a selector without quotes. */
export const selectorWord = /^[A-Za-z0-9._:/@+-]+$/;

export type SelectableDevice = Pick<Device, "id" | "labels" | "hardware" | "profile">;

export function matches(selector: Selector, device: SelectableDevice): boolean {
  switch (selector.kind) {
    case "all":
      return true;
    case "in": {
      const value = valueOf(device, selector.key);
      return value !== undefined && selector.values.includes(value);
    }
    case "not":
      return !matches(selector.operand, device);
    case "and":
      return selector.operands.every((operand) => matches(operand, device));
    case "or":
      return selector.operands.some((operand) => matches(operand, device));
  }
}

/** What the device said of itself counts more than what was written down when it enrolled. */
export function hardwareOf(device: Pick<Device, "hardware" | "profile">): string {
  const said = device.profile?.hardware ?? "";
  return said === "" ? device.hardware : said;
}

function valueOf(device: SelectableDevice, key: string): string | undefined {
  switch (key) {
    case "device":
      return device.id;
    case "hardware":
      return hardwareOf(device);
    case "architecture":
      return device.profile?.architecture;
    case "os":
      return device.profile?.operatingSystem.split(" ")[0];
    default:
      return Object.hasOwn(device.labels, key) ? device.labels[key] : undefined;
  }
}

/** The text that parseSelector reads back as the same selector. */
export function formatSelector(selector: Selector): string {
  switch (selector.kind) {
    case "all":
      return "all";
    case "in":
      return formatChoice(selector.key, selector.values, "");
    case "not":
      return selector.operand.kind === "in"
        ? formatChoice(selector.operand.key, selector.operand.values, "not")
        : `not ${formatOperand(selector.operand)}`;
    case "and":
      return selector.operands.map(formatOperand).join(" and ");
    case "or":
      return selector.operands.map(formatOperand).join(" or ");
  }
}

function formatChoice(key: string, values: readonly string[], negation: "" | "not"): string {
  const [only] = values;
  if (values.length === 1 && only !== undefined)
    return `${formatWord(key)}${negation === "not" ? "!=" : "="}${formatWord(only)}`;
  return `${formatWord(key)} ${negation === "not" ? "not in" : "in"} (${values.map(formatWord).join(", ")})`;
}

function formatOperand(operand: Selector): string {
  return operand.kind === "and" || operand.kind === "or" ? `(${formatSelector(operand)})` : formatSelector(operand);
}

function formatWord(word: string): string {
  return selectorWord.test(word) && !selectorKeywords.has(word) ? word : `"${word}"`;
}
