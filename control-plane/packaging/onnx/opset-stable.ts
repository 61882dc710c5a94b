/**
 * Operators of the default domain whose versions 8 to 21 only accept more than the ones before (other types, negative axes, attributes
 * whose default is the old behaviour), or that appeared in between and have not changed since: a node that was right stays right and
 * computes the same. From the version history of onnx.defs (onnx 1.23). What is neither here nor among the conversions is refused.
 */
const names = `
  Abs Acos Acosh Add And ArgMax ArgMin Asin Asinh Atan Atanh Bernoulli BitShift BitwiseAnd BitwiseNot BitwiseOr BitwiseXor
  BlackmanWindow Cast CastLike Ceil Celu Compress Concat ConcatFromSequence Constant ConstantOfShape Conv ConvInteger Cos
  Cosh CumSum DepthToSpace DequantizeLinear Det Div DynamicQuantizeLinear Einsum Elu Equal Erf Exp Expand EyeLike Flatten
  Floor GRU Gather GatherElements GatherND Gelu Gemm GlobalAveragePool GlobalLpPool GlobalMaxPool Greater GreaterOrEqual
  HammingWindow HannWindow HardSigmoid HardSwish Identity If InstanceNormalization IsInf IsNaN LRN LSTM LayerNormalization
  LeakyRelu Less LessOrEqual Log Loop LpNormalization LpPool MatMul MatMulInteger Max MaxPool MaxRoiPool MaxUnpool Mean
  MeanVarianceNormalization MelWeightMatrix Min Mish Mod Mul Multinomial Neg NegativeLogLikelihoodLoss NonMaxSuppression
  NonZero Not OneHot Or PRelu Pow QLinearConv QLinearMatMul QuantizeLinear RNN RandomNormal RandomNormalLike RandomUniform
  RandomUniformLike Range Reciprocal Relu Reshape ReverseSequence Round STFT ScatterElements ScatterND Selu SequenceAt
  SequenceConstruct SequenceEmpty SequenceErase SequenceInsert SequenceLength Shape Shrink Sigmoid Sign Sin Sinh Size
  SoftmaxCrossEntropyLoss Softplus Softsign SpaceToDepth SplitToSequence Sqrt StringNormalizer Sub Sum Tan Tanh
  TfIdfVectorizer ThresholdedRelu Tile Transpose Trilu Unique Where Xor
`;

export const stableOperators: ReadonlySet<string> = new Set(names.trim().split(/\s+/));
