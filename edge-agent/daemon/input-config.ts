import type { ModelName } from "../../proto/ids.ts";
import { isModelName } from "../../proto/ids.ts";
import type { JsonReader } from "../../proto/json-reader.ts";
import { answerTopicFor, isAnswerTopic, isTopicFilter, topicsOverlap } from "./mqtt-topic.ts";
import { or, path } from "./setting-readers.ts";

/** Where the daemon gets inputs from by itself, for devices without an application. */
export type InputConfig =
  | { readonly kind: "directory"; readonly model: ModelName; readonly path: string }
  | MqttInputConfig
  | {
      readonly kind: "generator";
      readonly model: ModelName;
      readonly file: string;
      readonly ratePerSecond: number;
      readonly seed: number;
    };

export interface MqttInputConfig {
  readonly kind: "mqtt";
  readonly model: ModelName;
  /** Of a broker on the device or near it. */
  readonly url: string;
  /** A topic or a filter with `+` and `#`. */
  readonly topic: string;
  /** Where answers go; `{topic}` in it stands for the topic of the input. */
  readonly answerTopic: string;
  readonly format: MqttInputFormat;
}

/** `json`: a request of the Open Inference Protocol; `npy`: one array; `raw`: the bytes of the model's one input, as it declares it. */
export const mqttInputFormats = ["json", "npy", "raw"] as const;
export type MqttInputFormat = (typeof mqttInputFormats)[number];

/** The settings of each kind. */
export const settingsOfInput = {
  directory: ["kind", "model", "path"],
  mqtt: ["kind", "model", "url", "topic", "answerTopic", "format"],
  generator: ["kind", "model", "file", "ratePerSecond", "seed"],
} as const;

export function readInput(reader: JsonReader): InputConfig {
  const kind = reader.field("kind").oneOf(["directory", "mqtt", "generator"]);
  const model = reader.field("model").textThat(isModelName, 'a model name: a-z, 0-9, ".", "_" and "-"');
  if (kind === "directory") return { kind, model, path: path(reader.field("path")) };
  if (kind === "mqtt") return mqttInput(reader, model);
  const rate = reader.field("ratePerSecond");
  const ratePerSecond = rate.quantity(10_000);
  if (ratePerSecond === 0 && rate.finite() === 0) reader.problems.add(rate.path, "must be more than 0");
  const seed = or(reader.field("seed"), (value) => value.count(Number.MAX_SAFE_INTEGER), 1);
  return { kind, model, file: path(reader.field("file")), ratePerSecond, seed };
}

function mqttInput(reader: JsonReader, model: ModelName): MqttInputConfig {
  const url = reader.field("url").textThat(isBrokerUrl, "the address of a broker, such as mqtt://127.0.0.1:1883");
  const topic = reader
    .field("topic")
    .textThat(isTopicFilter, "a topic, in which + and # stand for levels of their own");
  const answerTopic = or(
    reader.field("answerTopic"),
    (given) => given.textThat(isAnswerTopic, "a topic without + and #, in which {topic} stands for that of the input"),
    "{topic}/answer",
  );
  const format = or(reader.field("format"), (given) => given.oneOf(mqttInputFormats), "json");
  if (topicsOverlap(topic, answerTopicFor(answerTopic, topic)))
    reader.problems.add(
      `${reader.path}.answerTopic`,
      `${answerTopic} is among the topics of ${topic}: answers would be taken as inputs`,
    );
  return { kind: "mqtt", model, url, topic, answerTopic, format };
}

function isBrokerUrl(text: string): text is string {
  return /^(mqtts?|wss?):$/.test(URL.canParse(text) ? new URL(text).protocol : "");
}
