/** The nearest name that a model may have in Sedge, where names travel in topics and file names. Example: "My Net (v2)" → "my-net-v2". */
export function nameOf(text: string): string {
  const plain = text
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, "-")
    .replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, "")
    .slice(0, 64);
  return plain === "" ? "model" : plain;
}
