internal import Diagnostics
internal import Graphs
internal import Kernels

/// How an engine computes matrix products and convolutions: all in which plans of engines differ.
///
/// It belongs to one plan. While the program is lowered it writes steps; then it makes what these
/// steps need in each session.
protocol Contractions: AnyObject, Sendable {
  /// What a matrix product or convolution does with its results before they are written.
  func ending(of value: Value, in program: Program) -> EndingSupport

  func emitMatrixProduct(
    _ value: Value, _ shape: MatrixProductShape, _ ending: Ending, in lowering: inout Lowering
  ) throws(Failure)

  func emitConvolution(
    _ value: Value, _ shape: ConvolutionShape, _ ending: Ending, in lowering: inout Lowering
  ) throws(Failure)

  func emitInputGradient(
    _ value: Value, _ shape: ConvolutionShape, in lowering: inout Lowering) throws(Failure)

  func emitFilterGradient(
    _ value: Value, _ shape: ConvolutionShape, in lowering: inout Lowering) throws(Failure)

  /// What the steps find in their frame, if they need anything; `moving` are the slots whose
  /// addresses may change between runs.
  func makeSession(
    _ addresses: UnsafePointer<UnsafeMutableRawPointer>, moving: [Slot]
  ) throws(Failure) -> (any ContractionSession)?
}

/// Contractions whose matrix products add to a gradient with the bits of a pass of its own.
protocol GradientContractions: Contractions {
  /// Writes a gradient that is the sum of some products, of one shard or over many.
  func emitGradient(_ value: Value, of products: [Value], in lowering: inout Lowering)
}

/// How a contraction ends.
struct Ending {
  /// The instruction whose result is written.
  let value: Value
  /// What is added for each channel.
  let bias: Value?
  /// Whether what is not above 0 becomes 0.
  let isLimited: Bool
}

enum EndingSupport {
  case none, bias, biasAndLimit
}

/// What an engine's contractions keep for one worker.
protocol ContractionSession: AnyObject {
  /// Follows the slots that move.
  func follow(_ addresses: UnsafePointer<UnsafeMutableRawPointer>)
}

/// Contractions that can take sample after sample, together with what stands before or after them.
protocol SampleContractions: Contractions {
  func takesSamplesInTurn(_ shape: ConvolutionShape) -> Bool

  /// Writes a convolution whose output only the stage sees, as the step of the stage's instruction.
  func emitConvolution(
    _ value: Value, _ shape: ConvolutionShape, bias: Value?, before stage: SampleStage,
    in lowering: inout Lowering)

  /// Writes a convolution whose output only a pooling reads, as the step of the pooling, and returns
  /// true; or nothing, if it does not suit the engine.
  func emitConvolution(
    _ value: Value, _ shape: ConvolutionShape, bias: Value?, before pooling: PoolingStage,
    in lowering: inout Lowering
  ) -> Bool

  /// Writes a filter gradient of a map that only a scattering makes, and returns true; or nothing,
  /// if it does not suit the engine.
  func emitFilterGradient(
    _ value: Value, _ shape: ConvolutionShape, after scattering: ScatteringStage,
    in lowering: inout Lowering
  ) -> Bool

  /// Writes a filter gradient of a map that only the stage makes.
  func emitFilterGradient(
    _ value: Value, _ shape: ConvolutionShape, after stage: SampleStage,
    in lowering: inout Lowering)
}

/// A max-pooling whose winners are bytes, if anybody reads them.
struct PoolingStage {
  let value: Value
  let shape: PoolingShape
  let winners: Slot?
  let maxima: Slot
  /// Whether maxima that are not above 0 become 0.
  let isLimited: Bool
}

/// The scattering of a gradient of maxima to where winners, which are bytes, say.
struct ScatteringStage {
  let value: Value
  let shape: PoolingShape
  let winners: Slot
  let maxima: Slot
}

/// What a step does with the map of one sample, which stays in the cache.
@safe struct SampleStage {
  /// The instruction that does it.
  let value: Value
  let run: (Frame, _ sample: Int, _ map: UnsafeMutablePointer<Float>) -> Void
}
