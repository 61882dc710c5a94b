interface Form {
  readonly is: (bytes: Uint8Array, text: string) => boolean;
  readonly name: string;
}

const forms: readonly Form[] = [
  { is: (bytes) => bytes.length === 0, name: "the file is empty" },
  {
    is: (_bytes, text) => text.startsWith("version https://git-lfs.github.com/"),
    name: "it is a Git LFS pointer: fetch the file itself with `git lfs pull`",
  },
  {
    is: (_bytes, text) => /^\s*(<!doctype html|<html|<head)/i.test(text),
    name: "it is an HTML page, perhaps an error page that was saved instead of the model",
  },
  { is: (_bytes, text) => /^\s*<\?xml/.test(text), name: "it is an XML file" },
  { is: (_bytes, text) => /^\s*[{[]\s*["{[\]}]/.test(text), name: "it is a JSON file" },
  { is: starts(0x1f, 0x8b), name: "it is compressed with gzip: unpack it first" },
  { is: starts(0x28, 0xb5, 0x2f, 0xfd), name: "it is compressed with zstd: unpack it first" },
  {
    is: (bytes, text) => starts(0x50, 0x4b, 0x03, 0x04)(bytes) && /data\.pkl|\/data\/|archive\//.test(text),
    name: "it is a PyTorch file: export the model with torch.onnx.export",
  },
  {
    is: (bytes, text) => starts(0x50, 0x4b, 0x03, 0x04)(bytes) && /keras|config\.json/.test(text),
    name: "it is a Keras file: convert it with tf2onnx",
  },
  { is: starts(0x50, 0x4b, 0x03, 0x04), name: "it is a zip archive: unpack it first" },
  {
    is: (bytes) => bytes[0] === 0x80 && (bytes[1] ?? 0) >= 2 && (bytes[1] ?? 99) <= 5,
    name: "it is a Python pickle, as PyTorch and scikit-learn write: export the model to ONNX",
  },
  { is: magicAt(4, "TFL3"), name: "it is a TensorFlow Lite model: convert it with tf2onnx" },
  { is: magicAt(4, "ORTM"), name: "it is in onnxruntime's own .ort format: take the .onnx file it was made of" },
  { is: magicAt(0, "\u0089HDF"), name: "it is an HDF5 file, as Keras writes: convert it with tf2onnx" },
  { is: magicAt(0, "GGUF"), name: "it is a GGUF model, which ONNX runtimes do not read" },
  { is: magicAt(0, "\u0093NUMPY"), name: "it is a NumPy array" },
  {
    is: (bytes, text) => bytes.length > 9 && text.slice(8, 80).startsWith('{"'),
    name: "it is a safetensors file: weights without a graph; export the model to ONNX",
  },
  { is: (bytes) => bytes.every((byte) => byte === 0), name: "it holds nothing but zeros" },
  {
    is: (bytes) => bytes.subarray(0, 2_048).every((byte) => byte >= 32 || (byte >= 9 && byte <= 13)),
    name: "it is a text file",
  },
];

/** What a file that is no ONNX model seems to be, with what to do about it; undefined where nothing is recognised. */
export function looksLike(bytes: Uint8Array): string | undefined {
  // latin1: one character for each byte, so that binary marks can be compared as text.
  const text = new TextDecoder("latin1").decode(bytes.subarray(0, 2_048));
  return forms.find(({ is }) => is(bytes, text))?.name;
}

function starts(...magic: readonly number[]): (bytes: Uint8Array) => boolean {
  return (bytes) => magic.every((byte, i) => bytes[i] === byte);
}

function magicAt(position: number, magic: string): (bytes: Uint8Array) => boolean {
  return (bytes) => Array.from(magic).every((character, i) => bytes[position + i] === character.charCodeAt(0));
}
