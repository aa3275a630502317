internal import Diagnostics
internal import Graphs
internal import Kernels

/// How an engine computes matrix products and convolutions: all in which plans of engines differ.
///
/// It belongs to one plan. While the program is lowered it writes steps; then it makes what these
/// steps need in each session.
protocol Contractions: AnyObject, Sendable {
  /// Whether a matrix product can add to a gradient with the bits of a pass of its own.
  var addsToGradients: Bool { get }

  func emitMatrixProduct(
    _ value: Value, _ shape: MatrixProductShape, in lowering: inout Lowering) throws(Failure)

  /// Writes a convolution, with a number added for each channel if there is a bias, as `result`.
  func emitConvolution(
    _ value: Value, _ shape: ConvolutionShape, bias: Value?, into result: Value,
    in lowering: inout Lowering) throws(Failure)

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

/// What an engine's contractions keep for one worker.
protocol ContractionSession: AnyObject {
  /// Follows the slots that move.
  func follow(_ addresses: UnsafePointer<UnsafeMutableRawPointer>)
}
