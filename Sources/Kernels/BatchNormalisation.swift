/// Batch normalisation of `rows` places with `channels` each: its statistics, itself, its gradients.
@safe package struct BatchNormalisation: Sendable {
  private let rows: Int
  private let channels: Int
  private let epsilon: Float

  package init(rows: Int, channels: Int, epsilon: Double) {
    self.rows = rows
    self.channels = channels
    self.epsilon = Float(epsilon)
  }

  /// The mean of each channel and, behind all means, the mean square of what deviates from it.
  ///
  /// Both are sums in blocks of rows. The mean comes first, since the mean of squares minus the
  /// square of the mean would cancel where the mean is large.
  package func statistics(_ statistics: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>) {
    unsafe StatisticsLoop(
      mean: statistics, variance: statistics + channels, x: x, rows: rows, channels: channels
    ).run(channels: channels)
  }

  /// y = (x - mean) scale / deviation + shift, plus an addend, limited to what is above 0, as wanted.
  package func normalise(
    _ y: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>,
    statistics: UnsafePointer<Float>, scale: UnsafePointer<Float>, shift: UnsafePointer<Float>,
    addend: UnsafePointer<Float>?, isLimited: Bool
  ) {
    let loop = unsafe NormalisingLoop(
      y: y, x: x, mean: statistics, variance: statistics + channels, scale: scale, shift: shift,
      addend: addend ?? x, adds: addend != nil, isLimited: isLimited, epsilon: epsilon, rows: rows,
      channels: channels)
    loop.run(channels: channels)
  }

  /// The gradients by scale and, behind them, by shift, of the gradient g of the result.
  package func parameterGradients(
    _ sums: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>, _ g: UnsafePointer<Float>,
    statistics: UnsafePointer<Float>
  ) {
    unsafe ParameterGradientLoop(
      scale: sums, shift: sums + channels, x: x, g: g, mean: statistics,
      variance: statistics + channels, epsilon: epsilon, rows: rows, channels: channels
    ).run(channels: channels)
  }

  /// The gradient by x; the sums are the gradients by scale and shift.
  package func inputGradient(
    _ dx: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>, _ g: UnsafePointer<Float>,
    statistics: UnsafePointer<Float>, scale: UnsafePointer<Float>, sums: UnsafePointer<Float>
  ) {
    unsafe InputGradientLoop(
      dx: dx, x: x, g: g, mean: statistics, variance: statistics + channels, scale: scale,
      scaleGradient: sums, shiftGradient: sums + channels, epsilon: epsilon, rows: rows,
      channels: channels
    ).run(channels: channels)
  }
}

@safe private struct StatisticsLoop: ChannelLoop {
  let (mean, variance): (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>)
  let x: UnsafePointer<Float>
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
    unsafe mean.store(to: self.mean + channel)
    unsafe (share * squares).store(to: variance + channel)
  }
}

@safe private struct NormalisingLoop: ChannelLoop {
  let y: UnsafeMutablePointer<Float>
  let x: UnsafePointer<Float>
  let (mean, variance): (UnsafePointer<Float>, UnsafePointer<Float>)
  let (scale, shift): (UnsafePointer<Float>, UnsafePointer<Float>)
  let addend: UnsafePointer<Float>
  let (adds, isLimited): (Bool, Bool)
  let epsilon: Float
  let (rows, channels): (Int, Int)

  @inline(__always)
  func run<Lanes: ChannelLanes>(_ lanes: Lanes.Type, at channel: Int) {
    // A loop for each form, so that none decides anything for each row.
    switch (adds, isLimited) {
    case (false, false): run(lanes, channel, adds: false, isLimited: false)
    case (false, true): run(lanes, channel, adds: false, isLimited: true)
    case (true, false): run(lanes, channel, adds: true, isLimited: false)
    case (true, true): run(lanes, channel, adds: true, isLimited: true)
    }
  }

  @inline(__always)
  private func run<Lanes: ChannelLanes>(
    _: Lanes.Type, _ channel: Int, adds: Bool, isLimited: Bool
  ) {
    let mean = unsafe Lanes(mean + channel)
    let shift = unsafe Lanes(shift + channel)
    let deviation = unsafe (Lanes(variance + channel) + Lanes(repeating: epsilon)).squareRoot()
    let factor = unsafe Lanes(scale + channel) / deviation
    for place in stride(from: channel, to: channel + rows * channels, by: channels) {
      var result = unsafe (Lanes(x + place) - mean) * factor + shift
      if adds { result = unsafe result + Lanes(addend + place) }
      if isLimited { result = result.limited }
      unsafe result.store(to: y + place)
    }
  }
}

@safe private struct ParameterGradientLoop: ChannelLoop {
  let (scale, shift): (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>)
  let (x, g): (UnsafePointer<Float>, UnsafePointer<Float>)
  let (mean, variance): (UnsafePointer<Float>, UnsafePointer<Float>)
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
    unsafe (sums.0 / deviation).store(to: scale + channel)
    unsafe sums.1.store(to: shift + channel)
  }
}

@safe private struct InputGradientLoop: ChannelLoop {
  let dx: UnsafeMutablePointer<Float>
  let (x, g): (UnsafePointer<Float>, UnsafePointer<Float>)
  let (mean, variance): (UnsafePointer<Float>, UnsafePointer<Float>)
  let scale: UnsafePointer<Float>
  let (scaleGradient, shiftGradient): (UnsafePointer<Float>, UnsafePointer<Float>)
  let epsilon: Float
  let (rows, channels): (Int, Int)

  /// The mean and the deviation depend on x too: what g has in common with them goes out.
  @inline(__always)
  func run<Lanes: ChannelLanes>(_: Lanes.Type, at channel: Int) {
    let mean = unsafe Lanes(mean + channel)
    let deviation = unsafe (Lanes(variance + channel) + Lanes(repeating: epsilon)).squareRoot()
    let share = Lanes(repeating: 1 / Float(rows))
    let factor = unsafe Lanes(scale + channel) / deviation
    let level = unsafe Lanes(shiftGradient + channel) * share
    let slope = unsafe Lanes(scaleGradient + channel) * share / deviation
    for place in stride(from: channel, to: channel + rows * channels, by: channels) {
      let common = unsafe level + (Lanes(x + place) - mean) * slope
      unsafe ((Lanes(g + place) - common) * factor).store(to: dx + place)
    }
  }
}
