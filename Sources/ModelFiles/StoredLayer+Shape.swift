internal import Diagnostics

extension StoredLayer {
  /// The shape of the output for an input; throws if the input does not fit.
  func output(of input: SampleShape) throws(Misfit) -> SampleShape {
    switch operation {
    case .dense(let units):
      guard case .vector = input else { throw needs("a vector", input) }
      return .vector(units)
    case .conv(let filter):
      let (height, width) = try map(input)
      return try checked(
        .map(
          height: try positions(height, filter.kernel.height, filter.stride.height, filter.padding),
          width: try positions(width, filter.kernel.width, filter.stride.width, filter.padding),
          channels: filter.count))
    case .convTranspose(let filter):
      let (height, width) = try map(input)
      guard let rows = product([height, filter.stride.height]),
        let columns = product([width, filter.stride.width])
      else { throw Misfit("its output is too large") }
      return try checked(.map(height: rows, width: columns, channels: filter.count))
    case .maxPool: return try pooled(input, 2, 2)
    case .avgPool(let height, let width): return try pooled(input, height, width)
    case .globalAvgPool:
      _ = try map(input)
      return .vector(input.channels)
    case .pad(let bottom, let right):
      let (height, width) = try map(input)
      return try checked(
        .map(height: height + bottom, width: width + right, channels: input.channels))
    case .flatten: return .vector(input.count)
    case .reshape(let shape):
      guard shape.count == input.count else {
        throw Misfit("a sample of \(input) cannot become \(shape)")
      }
      return shape
    case .residual(let layers):
      var shape = input
      for layer in layers { shape = try layer.output(of: shape) }
      return shape
    case .batchNorm, .layerNorm, .instanceNorm, .lobeNorm, .dropout, .scale, .activation:
      return input
    }
  }

  private func needs(_ what: String, _ input: SampleShape) -> Misfit {
    Misfit("needs \(what), found a sample of \(input)")
  }

  private func map(_ input: SampleShape) throws(Misfit) -> (height: Int, width: Int) {
    guard case .map(let height, let width, _) = input else { throw needs("a map", input) }
    return (height, width)
  }

  private func positions(
    _ extent: Int, _ kernel: Int, _ stride: Int, _ padding: StoredOperation.Padding
  ) throws(Misfit) -> Int {
    if padding == .same { return (extent + stride - 1) / stride }
    guard kernel <= extent else {
      throw Misfit("a filter of \(kernel) does not fit a map of \(extent)")
    }
    return (extent - kernel) / stride + 1
  }

  private func pooled(
    _ input: SampleShape, _ rows: Int, _ columns: Int
  ) throws(Misfit) -> SampleShape {
    let (height, width) = try map(input)
    guard height % rows == 0, width % columns == 0 else {
      throw Misfit("windows of \(rows)x\(columns) do not divide a map of \(height)x\(width)")
    }
    return .map(height: height / rows, width: width / columns, channels: input.channels)
  }

  private func checked(_ shape: SampleShape) throws(Misfit) -> SampleShape {
    guard product(shape.extents) != nil else { throw Misfit("its output is too large") }
    return shape
  }
}

/// Why a layer does not fit a file, or its input, before its place is known.
struct Misfit: Error {
  let message: String
  /// The failure of a layer inside the layer, which has its place already.
  let failure: Failure?

  init(_ message: String) {
    self.message = message
    failure = nil
  }

  init(_ failure: Failure) {
    message = failure.message
    self.failure = failure
  }
}
