package import Configuration
package import Graphs

/// swish(a)·b of the first and the second half of the features (Shazeer 2020).
package struct SwiGLU: Layer, Configurable {
  package init() {}

  package static let schema = Schema(
    "swiglu", SwiGLU(),
    help: "The swish of the first half of the features, times the second half.")

  package func forward(_ x: Value, in pass: inout ForwardPass) throws(Misfit) -> Value {
    let shape = pass.shape(of: x)
    let axis = shape.rank - 1
    guard shape[axis] % 2 == 0 else {
      throw Misfit("halves the features, and \(shape[axis]) is odd: take an even number")
    }
    let half = shape[axis] / 2
    let a = pass.builder.slice(x, axis: axis, 0..<half)
    let b = pass.builder.slice(x, axis: axis, half..<shape[axis])
    return pass.builder.multiply(pass.builder.swish(a), b)
  }
}
