/// Batch normalisation of `rows` places with `channels` each, and its gradient.
@safe package struct BatchNormalisation: Sendable {
  private let rows: Int
  private let channels: Int
  private let epsilon: Float

  package init(rows: Int, channels: Int, epsilon: Double) {
    self.rows = rows
    self.channels = channels
    self.epsilon = Float(epsilon)
  }

  /// y = (x - mean) scale / deviation + shift, plus an addend and then ReLU if they are asked for;
  /// the mean and the variance of each channel.
  ///
  /// Results that are nil are not written. Means and variances are sums in blocks of rows. The mean
  /// is computed first: the mean of squares minus the square of the mean would cancel if the mean
  /// is large.
  package func normalise(
    _ y: UnsafeMutablePointer<Float>?, mean: UnsafeMutablePointer<Float>?,
    variance: UnsafeMutablePointer<Float>?, _ x: UnsafePointer<Float>,
    scale: UnsafePointer<Float>, shift: UnsafePointer<Float>, addend: UnsafePointer<Float>? = nil,
    appliesReLU: Bool = false
  ) {
    let loop = unsafe NormalisingLoop(
      y: y, mean: mean, variance: variance, x: x, scale: scale, shift: shift, addend: addend ?? x,
      adds: addend != nil, appliesReLU: appliesReLU, epsilon: epsilon, rows: rows,
      channels: channels)
    loop.run(channels: channels)
  }

  /// The gradients by x, scale and shift of the gradient g of the result; results that are nil are
  /// not computed.
  package func gradients(
    _ dx: UnsafeMutablePointer<Float>?, scale byScale: UnsafeMutablePointer<Float>?,
    shift byShift: UnsafeMutablePointer<Float>?, _ x: UnsafePointer<Float>,
    _ g: UnsafePointer<Float>, mean: UnsafePointer<Float>, variance: UnsafePointer<Float>,
    scale: UnsafePointer<Float>
  ) {
    unsafe GradientLoop(
      dx: dx, byScale: byScale, byShift: byShift, x: x, g: g, mean: mean, variance: variance,
      scale: scale, epsilon: epsilon, rows: rows, channels: channels
    ).run(channels: channels)
  }
}

@safe private struct NormalisingLoop: ChannelLoop {
  let y: UnsafeMutablePointer<Float>?
  let (mean, variance): (UnsafeMutablePointer<Float>?, UnsafeMutablePointer<Float>?)
  let x: UnsafePointer<Float>
  let (scale, shift): (UnsafePointer<Float>, UnsafePointer<Float>)
  let addend: UnsafePointer<Float>
  let (adds, appliesReLU): (Bool, Bool)
  let epsilon: Float
  let (rows, channels): (Int, Int)

  @inline(__always)
  func run<Lanes: ChannelLanes>(_: Lanes.Type, at channel: Int) {
    let (x, channels) = unsafe (x + channel, channels)
    let share = Lanes(repeating: 1 / Float(rows))
    let mean = share * Reductions.sumInBlocks(rows, +) { unsafe Lanes(x + $0 * channels) }
    let squares = Reductions.sumInBlocks(rows, +) { row in
      let deviation = unsafe Lanes(x + row * channels) - mean
      return deviation * deviation
    }
    let variance = share * squares
    if let place = unsafe self.mean { unsafe mean.store(to: place + channel) }
    if let place = unsafe self.variance { unsafe variance.store(to: place + channel) }
    guard let y = unsafe y else { return }
    // One loop for each form, without a branch for each row.
    switch (adds, appliesReLU) {
    case (false, false):
      unsafe normalise(y, mean, variance, channel, adds: false, appliesReLU: false)
    case (false, true):
      unsafe normalise(y, mean, variance, channel, adds: false, appliesReLU: true)
    case (true, false):
      unsafe normalise(y, mean, variance, channel, adds: true, appliesReLU: false)
    case (true, true):
      unsafe normalise(y, mean, variance, channel, adds: true, appliesReLU: true)
    }
  }

  @inline(__always)
  private func normalise<Lanes: ChannelLanes>(
    _ y: UnsafeMutablePointer<Float>, _ mean: Lanes, _ variance: Lanes, _ channel: Int, adds: Bool,
    appliesReLU: Bool
  ) {
    let shift = unsafe Lanes(shift + channel)
    let deviation = (variance + Lanes(repeating: epsilon)).squareRoot()
    let factor = unsafe Lanes(scale + channel) / deviation
    for place in stride(from: channel, to: channel + rows * channels, by: channels) {
      var result = unsafe (Lanes(x + place) - mean) * factor + shift
      if adds { result = unsafe result + Lanes(addend + place) }
      if appliesReLU { result = result.relu }
      unsafe result.store(to: y + place)
    }
  }
}

@safe private struct GradientLoop: ChannelLoop {
  let dx: UnsafeMutablePointer<Float>?
  let (byScale, byShift): (UnsafeMutablePointer<Float>?, UnsafeMutablePointer<Float>?)
  let (x, g): (UnsafePointer<Float>, UnsafePointer<Float>)
  let (mean, variance): (UnsafePointer<Float>, UnsafePointer<Float>)
  let scale: UnsafePointer<Float>
  let epsilon: Float
  let (rows, channels): (Int, Int)

  @inline(__always)
  func run<Lanes: ChannelLanes>(_: Lanes.Type, at channel: Int) {
    let (x, g, channels) = unsafe (x + channel, g + channel, channels)
    let mean = unsafe Lanes(mean + channel)
    let deviation = unsafe (Lanes(variance + channel) + Lanes(repeating: epsilon)).squareRoot()
    let sums = Reductions.sumInBlocks(rows, { ($0.0 + $1.0, $0.1 + $1.1) }) { row in
      let gradient = unsafe Lanes(g + row * channels)
      return unsafe (gradient * (Lanes(x + row * channels) - mean), gradient)
    }
    let (byScale, byShift) = (sums.0 / deviation, sums.1)
    if let place = unsafe self.byScale { unsafe byScale.store(to: place + channel) }
    if let place = unsafe self.byShift { unsafe byShift.store(to: place + channel) }
    guard let dx = unsafe dx.map({ unsafe $0 + channel }) else { return }
    // The mean and the deviation depend on x too: the parts of g along 1 and along x are removed.
    let share = Lanes(repeating: 1 / Float(rows))
    let factor = unsafe Lanes(scale + channel) / deviation
    let level = byShift * share
    let slope = byScale * share / deviation
    for place in stride(from: 0, to: rows * channels, by: channels) {
      let common = unsafe level + (Lanes(x + place) - mean) * slope
      unsafe ((Lanes(g + place) - common) * factor).store(to: dx + place)
    }
  }
}
