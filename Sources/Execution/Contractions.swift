internal import Diagnostics
internal import Graphs
internal import Kernels

/// How an engine computes matrix products and convolutions: all in which plans of engines differ.
///
/// It belongs to one plan. While the program is lowered it writes kernel calls; then it makes what
/// these need in each session.
protocol Contractions: AnyObject, Sendable {
  /// What a matrix product or convolution can do to its results before it writes them.
  func epilogue(of value: Value, in program: Program) -> EpilogueSupport

  func emitMatrixProduct(
    _ epilogue: Epilogue, _ shape: MatrixProductShape, into result: Value,
    in lowering: inout Lowering
  ) throws(Failure)

  func emitConvolution(
    _ epilogue: Epilogue, _ shape: ConvolutionShape, into result: Value,
    in lowering: inout Lowering
  ) throws(Failure)

  func emitInputGradient(
    _ value: Value, _ shape: ConvolutionShape, in lowering: inout Lowering) throws(Failure)

  func emitFilterGradient(
    _ value: Value, _ shape: ConvolutionShape, in lowering: inout Lowering) throws(Failure)

  /// What the calls find in their frame, if they need anything; `moving` are the slots whose
  /// addresses may change between runs.
  func makeSession(
    _ addresses: UnsafePointer<UnsafeMutableRawPointer>, moving: [Slot]
  ) throws(Failure) -> (any ContractionSession)?
}

enum EpilogueSupport {
  case none, bias, biasAndReLU
  /// Also a matrix in place of a bias.
  case addendAndReLU

  var hasReLU: Bool { self == .biasAndReLU || self == .addendAndReLU }
}

/// What an engine's contractions keep for one worker.
protocol ContractionSession: AnyObject {
  /// Reads the new addresses of the slots that move.
  func follow(_ addresses: UnsafePointer<UnsafeMutableRawPointer>)
}

/// Contractions whose matrix products can add to a gradient, with the bits of a separate addition.
protocol GradientContractions: Contractions {
  /// Writes a gradient that is the sum of some products, of one shard or over many.
  func emitGradient(_ value: Value, of products: [Value], in lowering: inout Lowering)
}

/// Contractions that can take one sample after the other, together with a pooling behind them or a
/// scattering before them.
protocol SampleContractions: Contractions {
  func takesSamplesInTurn(_ shape: ConvolutionShape) -> Bool

  /// Writes a convolution whose output only the stage reads, as the call of the stage's
  /// instruction.
  func emitConvolution(
    _ value: Value, _ shape: ConvolutionShape, bias: Value?, before stage: SampleStage,
    in lowering: inout Lowering)

  /// Writes a convolution whose output only a pooling reads, as the call of the pooling; returns
  /// false and writes nothing if there is no kernel for both.
  func emitConvolution(
    _ value: Value, _ shape: ConvolutionShape, bias: Value?, before pooling: PoolingStage,
    in lowering: inout Lowering
  ) -> Bool

  /// Writes a filter gradient of a map that only a scattering makes; returns false and writes
  /// nothing if there is no kernel for both.
  func emitFilterGradient(
    _ value: Value, _ shape: ConvolutionShape, after scattering: ScatteringStage,
    in lowering: inout Lowering
  ) -> Bool

  /// Writes a filter gradient of a map that only the stage makes.
  func emitFilterGradient(
    _ value: Value, _ shape: ConvolutionShape, after stage: SampleStage,
    in lowering: inout Lowering)
}

/// A max-pooling whose argmax is stored in bytes, if it is read.
struct PoolingStage {
  let value: Value
  let shape: PoolingShape
  let argmax: Slot?
  let maxima: Slot
  /// Whether ReLU is applied to the maxima.
  let appliesReLU: Bool
}

/// The scattering of the gradient of maxima to where they stood; the argmax is stored in bytes.
struct ScatteringStage {
  let value: Value
  let shape: PoolingShape
  let argmax: Slot
  let maxima: Slot
}

/// What a call does with the map of one sample, which stays in the cache.
@safe struct SampleStage {
  /// The instruction that does it.
  let value: Value
  let run: (Frame, _ sample: Int, _ map: UnsafeMutablePointer<Float>) -> Void
}
