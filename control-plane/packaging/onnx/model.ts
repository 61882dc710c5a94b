/**
 * The messages of ONNX as this codec holds them: one interface for each message of onnx-ml.proto, fields in camel case.
 *
 * Absent and explicitly set fields differ (the format is proto2), so singular fields are optional; repeated fields are always there.
 * `bytes` fields are views into the decoded file, never copies. `unknown` keeps, byte for byte, every field this schema does not name.
 */

/** A 64-bit integer: a number where that is exact, a bigint beyond ±(2^53 - 1). */
export type Int = number | bigint;

interface WithUnknown {
  readonly unknown?: readonly Uint8Array[];
}

/** A message whose content is carried but not read. */
type OpaqueProto = WithUnknown;

export interface ModelProto extends WithUnknown {
  readonly irVersion?: Int;
  readonly producerName?: string;
  readonly producerVersion?: string;
  readonly domain?: string;
  readonly modelVersion?: Int;
  readonly docString?: string;
  readonly graph?: GraphProto;
  readonly opsetImport: readonly OperatorSetProto[];
  readonly metadataProps: readonly StringEntryProto[];
  readonly trainingInfo: readonly OpaqueProto[];
  readonly functions: readonly FunctionProto[];
  readonly configuration: readonly OpaqueProto[];
}

interface OperatorSetProto extends WithUnknown {
  readonly domain?: string;
  readonly version?: Int;
}

interface StringEntryProto extends WithUnknown {
  readonly key?: string;
  readonly value?: string;
}

export interface GraphProto extends WithUnknown {
  readonly node: readonly NodeProto[];
  readonly name?: string;
  readonly initializer: readonly TensorProto[];
  readonly docString?: string;
  readonly input: readonly ValueInfoProto[];
  readonly output: readonly ValueInfoProto[];
  readonly valueInfo: readonly ValueInfoProto[];
  readonly quantizationAnnotation: readonly OpaqueProto[];
  readonly sparseInitializer: readonly SparseTensorProto[];
  readonly metadataProps: readonly StringEntryProto[];
}

export interface NodeProto extends WithUnknown {
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly name?: string;
  readonly opType?: string;
  readonly attribute: readonly AttributeProto[];
  readonly docString?: string;
  readonly domain?: string;
  readonly overload?: string;
  readonly metadataProps: readonly StringEntryProto[];
  readonly deviceConfigurations: readonly OpaqueProto[];
}

export interface AttributeProto extends WithUnknown {
  readonly name?: string;
  readonly f?: number;
  readonly i?: Int;
  readonly s?: Uint8Array;
  readonly t?: TensorProto;
  readonly g?: GraphProto;
  readonly floats: ArrayLike<number>;
  readonly ints: readonly Int[];
  readonly strings: readonly Uint8Array[];
  readonly tensors: readonly TensorProto[];
  readonly graphs: readonly GraphProto[];
  readonly docString?: string;
  readonly tp?: OpaqueProto;
  readonly typeProtos: readonly OpaqueProto[];
  readonly type?: Int;
  readonly refAttrName?: string;
  readonly sparseTensor?: SparseTensorProto;
  readonly sparseTensors: readonly SparseTensorProto[];
}

export interface TensorProto extends WithUnknown {
  readonly dims: readonly Int[];
  readonly dataType?: Int;
  readonly segment?: OpaqueProto;
  readonly floatData: ArrayLike<number>;
  readonly int32Data: readonly Int[];
  readonly stringData: readonly Uint8Array[];
  readonly int64Data: readonly Int[];
  readonly name?: string;
  readonly rawData?: Uint8Array;
  readonly doubleData: readonly number[];
  readonly uint64Data: readonly Int[];
  readonly docString?: string;
  readonly externalData: readonly StringEntryProto[];
  readonly dataLocation?: Int;
  readonly metadataProps: readonly StringEntryProto[];
}

interface SparseTensorProto extends WithUnknown {
  readonly values?: TensorProto;
  readonly indices?: TensorProto;
  readonly dims: readonly Int[];
}

export interface ValueInfoProto extends WithUnknown {
  readonly name?: string;
  readonly type?: TypeProto;
  readonly docString?: string;
  readonly metadataProps: readonly StringEntryProto[];
}

interface TypeProto extends WithUnknown {
  readonly tensorType?: TensorTypeProto;
  readonly sequenceType?: OpaqueProto;
  readonly mapType?: OpaqueProto;
  readonly denotation?: string;
  readonly sparseTensorType?: OpaqueProto;
  readonly optionalType?: OpaqueProto;
}

interface TensorTypeProto extends WithUnknown {
  readonly elemType?: Int;
  readonly shape?: ShapeProto;
}

interface ShapeProto extends WithUnknown {
  readonly dim: readonly DimensionProto[];
}

interface DimensionProto extends WithUnknown {
  readonly dimValue?: Int;
  readonly dimParam?: string;
  readonly denotation?: string;
}

interface FunctionProto extends WithUnknown {
  readonly name?: string;
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly attribute: readonly string[];
  readonly node: readonly NodeProto[];
  readonly docString?: string;
  readonly opsetImport: readonly OperatorSetProto[];
  readonly domain?: string;
  readonly attributeProto: readonly AttributeProto[];
  readonly valueInfo: readonly ValueInfoProto[];
  readonly overload?: string;
  readonly metadataProps: readonly StringEntryProto[];
}

/** The name of each message in the schema, and its shape in memory. */
export interface OnnxMessages {
  readonly Model: ModelProto;
  readonly OperatorSet: OperatorSetProto;
  readonly StringEntry: StringEntryProto;
  readonly Graph: GraphProto;
  readonly Node: NodeProto;
  readonly Attribute: AttributeProto;
  readonly Tensor: TensorProto;
  readonly SparseTensor: SparseTensorProto;
  readonly ValueInfo: ValueInfoProto;
  readonly Type: TypeProto;
  readonly TensorType: TensorTypeProto;
  readonly Shape: ShapeProto;
  readonly Dimension: DimensionProto;
  readonly Function: FunctionProto;
  readonly Opaque: OpaqueProto;
}

export type OnnxMessageName = keyof OnnxMessages;
