import { z } from "zod";
import { mebibytes } from "../../../proto/units.ts";
import { fetchJson, FetchError, fetchLimited } from "./fetch-limited.ts";
import type { MlflowReference } from "./mlflow-reference.ts";

/** An MLflow server, read through its public REST API ("MLflow REST API", version 2.0). */
export interface MlflowRegistry {
  modelVersion(reference: MlflowReference, signal: AbortSignal): Promise<MlflowModelVersion>;
  /** Undefined for a version that no run made, or whose run was deleted. */
  run(id: string, signal: AbortSignal): Promise<MlflowRun | undefined>;
  /** Every file under the version's artifacts, with its size where the server says it. */
  files(version: MlflowModelVersion, signal: AbortSignal): Promise<readonly MlflowFile[]>;
  download(file: MlflowFile, maxBytes: number, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
}

export interface MlflowModelVersion {
  readonly name: string;
  readonly version: string;
  readonly description: string | undefined;
  readonly user: string | undefined;
  readonly createdAtMs: number | undefined;
  readonly runId: string | undefined;
  readonly artifactUri: string;
}

export interface MlflowRun {
  readonly params: Readonly<Record<string, string>>;
  readonly metrics: Readonly<Record<string, number>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly endedAtMs: number | undefined;
  readonly datasets: readonly { readonly name: string; readonly digest: string | undefined }[];
}

export interface MlflowFile {
  /** Relative to the artifacts of the version. */
  readonly path: string;
  readonly size: number | undefined;
  /** Where the server's artifact proxy has it. */
  readonly proxyPath: string;
}

export interface MlflowAccess {
  /** $MLFLOW_TRACKING_URI. */
  readonly server: string;
  readonly token?: string | undefined;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
}

const answerBytes = mebibytes(16);
/** A model is a few files; a mistaken path could be a whole experiment. */
const mostFiles = 1_000;

const keyValues = z.array(z.object({ key: z.string(), value: z.string().default("") })).default([]);
const modelVersionSchema = z.object({
  model_version: z.object({
    name: z.string(),
    version: z.coerce.string(),
    description: z.string().optional(),
    user_id: z.string().optional(),
    creation_timestamp: z.coerce.number().optional(),
    run_id: z.string().optional(),
  }),
});
const latestSchema = z.object({
  registered_model: z.object({ latest_versions: z.array(modelVersionSchema.shape.model_version).default([]) }),
});
const downloadUriSchema = z.object({ artifact_uri: z.string() });
const runSchema = z.object({
  run: z.object({
    info: z.object({ end_time: z.coerce.number().optional() }).default({}),
    data: z
      .object({
        params: keyValues,
        metrics: z.array(z.object({ key: z.string(), value: z.number() })).default([]),
        tags: keyValues,
      })
      .prefault({}),
    inputs: z
      .object({
        dataset_inputs: z
          .array(z.object({ dataset: z.object({ name: z.string(), digest: z.string().optional() }) }))
          .default([]),
      })
      .prefault({}),
  }),
});
const listSchema = z.object({
  files: z
    .array(z.object({ path: z.string(), is_dir: z.boolean().default(false), file_size: z.coerce.number().optional() }))
    .default([]),
});

export function openMlflowRegistry(access: MlflowAccess): MlflowRegistry {
  const server = serverOf(access.server);
  const headers = authorization(access);
  const ask = async <T>(
    schema: z.ZodType<T>,
    path: string,
    query: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ) => {
    const url = new URL(`${server}/api/2.0/${path}`);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    const answer = schema.safeParse(await fetchJson(url, { bytes: answerBytes, signal, headers }));
    if (answer.success) return answer.data;
    throw new FetchError(
      `${url.origin}${url.pathname} did not answer as MLflow does: ${answer.error.issues[0]?.message}`,
    );
  };

  async function found(reference: MlflowReference, signal: AbortSignal) {
    const { name } = reference;
    switch (reference.kind) {
      case "alias": {
        const query = { name, alias: reference.alias };
        return (await ask(modelVersionSchema, "mlflow/registered-models/alias", query, signal)).model_version;
      }
      case "version": {
        const query = { name, version: reference.version };
        return (await ask(modelVersionSchema, "mlflow/model-versions/get", query, signal)).model_version;
      }
      case "latest": {
        const { registered_model } = await ask(latestSchema, "mlflow/registered-models/get", { name }, signal);
        const newest = registered_model.latest_versions.toSorted((a, b) => Number(b.version) - Number(a.version))[0];
        if (newest === undefined) throw new FetchError(`the MLflow model "${name}" has no version`);
        return newest;
      }
    }
  }

  return {
    async modelVersion(reference, signal) {
      const version = await found(reference, signal);
      const query = { name: version.name, version: version.version };
      const { artifact_uri } = await ask(downloadUriSchema, "mlflow/model-versions/get-download-uri", query, signal);
      return {
        name: version.name,
        version: version.version,
        description: textOrNone(version.description),
        user: textOrNone(version.user_id),
        createdAtMs: version.creation_timestamp,
        runId: textOrNone(version.run_id),
        artifactUri: artifact_uri,
      };
    },

    async run(id, signal) {
      const answer = await ask(runSchema, "mlflow/runs/get", { run_id: id }, signal).catch((error: unknown) => {
        signal.throwIfAborted();
        if (error instanceof FetchError) return undefined;
        throw error;
      });
      if (answer === undefined) return undefined;
      const { data, info, inputs } = answer.run;
      return {
        params: record(data.params),
        metrics: record(data.metrics),
        tags: record(data.tags),
        endedAtMs: info.end_time,
        datasets: inputs.dataset_inputs.map(({ dataset }) => ({ name: dataset.name, digest: dataset.digest })),
      };
    },

    async files({ artifactUri }, signal) {
      const root = proxyPathOf(artifactUri);
      const files: MlflowFile[] = [];
      const folders = [""];
      for (let folder = folders.shift(); folder !== undefined; folder = folders.shift()) {
        const path = folder === "" ? root : `${root}/${folder}`;
        const listed = await ask(listSchema, "mlflow-artifacts/artifacts", { path }, signal);
        for (const entry of listed.files) {
          // Servers answer with names or with whole paths below the folder that was asked for.
          const name = entry.path.split("/").at(-1) ?? "";
          if (!isPlainName(name)) throw new FetchError(`the MLflow server has a file with the name "${entry.path}"`);
          const relative = folder === "" ? name : `${folder}/${name}`;
          if (entry.is_dir) folders.push(relative);
          else files.push({ path: relative, size: entry.file_size, proxyPath: `${root}/${relative}` });
          if (files.length + folders.length > mostFiles)
            throw new FetchError(`${artifactUri} holds more than ${mostFiles} files: is it a model?`);
        }
      }
      return files;
    },

    download: async ({ proxyPath }, maxBytes, signal) => {
      const path = proxyPath.split("/").map(encodeURIComponent).join("/");
      return fetchLimited(new URL(`${server}/api/2.0/mlflow-artifacts/artifacts/${path}`), {
        bytes: maxBytes,
        signal,
        headers,
      });
    },
  };
}

function serverOf(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new FetchError(
      `"${text}" is not the address of an MLflow server: set MLFLOW_TRACKING_URI to its http(s) URL`,
    );
  return text.replace(/\/+$/, "");
}

function authorization({ token, user, password }: MlflowAccess): Readonly<Record<string, string>> {
  if (token !== undefined) return { authorization: `Bearer ${token}` };
  if (user === undefined) return {};
  return { authorization: `Basic ${Buffer.from(`${user}:${password ?? ""}`).toString("base64")}` };
}

/** "mlflow-artifacts:/0/run/artifacts/model" → "0/run/artifacts/model". Other stores need their own credentials. */
function proxyPathOf(uri: string): string {
  const path = /^mlflow-artifacts:(?:\/\/[^/]*)?\/*(.+)$/.exec(uri)?.[1]?.replace(/\/+$/, "");
  if (path === undefined)
    throw new FetchError(
      `the model lies at ${uri}, which the MLflow server does not hand out: start it with --serve-artifacts, or download the model and import the directory`,
    );
  return path;
}

function isPlainName(name: string): boolean {
  return name !== "" && name !== "." && name !== ".." && !/[\\\0]/.test(name);
}

function textOrNone(text: string | undefined): string | undefined {
  return text === undefined || text === "" ? undefined : text;
}

function record<T>(entries: readonly { readonly key: string; readonly value: T }[]): Readonly<Record<string, T>> {
  return Object.fromEntries(entries.map(({ key, value }) => [key, value]));
}
