import { parseDocument } from "yaml";
import { z } from "zod";
import { FetchError } from "./fetch-limited.ts";

/** What an MLmodel file says of a model in ONNX form ("MLflow Models", the onnx flavor). */
export interface MlModel {
  /** The ONNX file, relative to the MLmodel file. */
  readonly data: string;
  readonly uuid: string | undefined;
  readonly mlflowVersion: string | undefined;
}

const schema = z.object({
  flavors: z.record(z.string(), z.unknown()),
  model_uuid: z.string().optional(),
  mlflow_version: z.string().optional(),
});
const onnxFlavor = z.object({ data: z.string().regex(/^(?!\/)(?!.*\.\.)[^\\]+$/, "must be a path inside the model") });

export function readMlModel(text: string): MlModel {
  const document = parseDocument(text);
  const parsed = schema.safeParse(document.errors.length > 0 ? undefined : document.toJS());
  if (!parsed.success) throw new FetchError("the MLmodel file cannot be read: it is not what MLflow writes");
  const { flavors, model_uuid: uuid, mlflow_version: mlflowVersion } = parsed.data;
  if (flavors["onnx"] === undefined)
    throw new FetchError(
      `the model has no ONNX form, only ${Object.keys(flavors).join(", ") || "none"}: log it with mlflow.onnx.log_model`,
    );
  const onnx = onnxFlavor.safeParse(flavors["onnx"]);
  if (!onnx.success) throw new FetchError(`the MLmodel file names no ONNX file: ${onnx.error.issues[0]?.message}`);
  return { data: onnx.data.data, uuid, mlflowVersion };
}
