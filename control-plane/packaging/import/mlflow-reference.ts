/** What `models:/…` names in an MLflow model registry (mlflow.org, "Model URIs"). */
export type MlflowReference =
  | { readonly kind: "alias"; readonly name: string; readonly alias: string }
  | { readonly kind: "version"; readonly name: string; readonly version: string }
  | { readonly kind: "latest"; readonly name: string };

/** Undefined for anything but `models:/NAME@ALIAS`, `models:/NAME/VERSION` and `models:/NAME/latest`. */
export function parseMlflowReference(text: string): MlflowReference | undefined {
  const path = /^models:\/+(.+)$/.exec(text)?.[1];
  if (path === undefined) return undefined;
  const at = path.lastIndexOf("@");
  if (at > 0 && at < path.length - 1) return { kind: "alias", name: path.slice(0, at), alias: path.slice(at + 1) };
  const [, name, version] = /^(.+)\/([^/]+)$/.exec(path) ?? [];
  if (name === undefined || version === undefined) return undefined;
  if (version === "latest") return { kind: "latest", name };
  return /^\d+$/.test(version) ? { kind: "version", name, version } : undefined;
}
