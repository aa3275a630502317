internal import Configuration
package import Datasets
package import Diagnostics
internal import Graphs
package import Training

/// An experiment whose layers were changed to have about a number of parameters.
package struct SizedExperiment: Sendable {
  package let configuration: RunConfiguration
  package let parameters: Int

  private let wanted: Double

  /// The shares of the wanted number by which a network may miss it: without trying other depths,
  /// without a note, and at all.
  private static let tolerances = (near: 0.05, noted: 0.1, greatest: 0.5)

  /// Changes widths and depths of the layers of `experiment`; `make` reads its file with more
  /// settings.
  ///
  /// The depth grows with the cube root of the number of parameters, so that the ratio of width to
  /// depth stays, and the width is what is left. Other depths are tried where no width comes near.
  package init(
    _ experiment: Experiment, parameters wanted: Double, steps: Int,
    _ make: ([String]) throws(Failure) -> RunConfiguration
  ) throws(Failure) {
    let base = experiment.configuration
    let sizes = NetworkSizes(base.settings.value("model"))
    guard sizes.canChange else {
      throw base.settings.failure(
        at: "model", "has no width to change: expected an embedding, or a layer with units")
    }
    let more = [
      "name=\(base.plannedName)", "train.epochs=null", "train.steps=\(max(1, steps))",
    ]
    func sized(_ width: Int, _ depth: Double) throws(Failure) -> SizedExperiment {
      let configuration = try make(sizes.overrides(width: width, depth: depth) + more)
      return try SizedExperiment(configuration, experiment.data, wanted: wanted)
    }
    let ratio = cubeRoot(wanted / Double(experiment.layout.count))
    let depth = max(1, Int((Double(sizes.depth) * ratio).rounded()))
    var best: SizedExperiment?
    for depth in sizes.hasDepth ? [depth, depth + 1, depth - 1] : [1] where depth > 0 {
      let found = try Self.nearest(to: wanted) { width throws(Failure) in
        try sized(width, sizes.hasDepth ? Double(depth) / Double(sizes.depth) : 1)
      }
      if best.map({ found.error < $0.error }) ?? true { best = found }
      if found.error <= Self.tolerances.near { break }
    }
    guard let best, best.error <= Self.tolerances.greatest else {
      throw Failure(
        .badConfiguration,
        "'\(base.name)' cannot have the optimal \(wanted.asCount) parameters: the nearest that its "
          + "layers reach is \((best?.parameters ?? 0).grouped); give another --budget, or a "
          + "CONFIG with other widths")
    }
    self = best
  }

  /// Its networks, for the samples of another experiment.
  package func compiled(on data: Splits) throws(Failure) -> CompiledExperiment {
    try CompiledExperiment(configuration, data.outline)
  }

  /// The text of a configuration file.
  package func fileText(_ origin: String) -> String {
    "# Made by \(origin)\n" + configuration.settings.yaml(includingAll: true)
  }

  private init(
    _ configuration: RunConfiguration, _ data: Splits, wanted: Double
  ) throws(Failure) {
    self.configuration = configuration
    self.wanted = wanted
    parameters = try CompiledExperiment(configuration, data.outline).layout.count
  }

  private var error: Double { abs(Double(parameters) / wanted - 1) }

  /// What to consider where no network of this kind comes near the optimum.
  var notes: [String] {
    error <= Self.tolerances.noted
      ? []
      : [
        "no widths of '\(configuration.name)' come nearer to the optimum, so this is not quite the "
          + "best network"
      ]
  }

  /// The width whose number of parameters is nearest, found by doubling and bisection.
  private static func nearest(
    to wanted: Double, _ sized: (Int) throws(Failure) -> SizedExperiment
  ) throws(Failure) -> SizedExperiment {
    var (lower, upper) = (try sized(1), try sized(2))
    var (low, high) = (1, 2)
    while Double(upper.parameters) < wanted, high < 1 << 20 {
      (low, lower) = (high, upper)
      high *= 2
      upper = try sized(high)
    }
    while high - low > 1 {
      let middle = (low + high) / 2
      let found = try sized(middle)
      if Double(found.parameters) < wanted {
        (low, lower) = (middle, found)
      } else {
        (high, upper) = (middle, found)
      }
    }
    return lower.error < upper.error ? lower : upper
  }
}

/// The cube root by Newton's method.
private func cubeRoot(_ x: Double) -> Double {
  var root = max(1, x)
  for _ in 0..<200 { root -= (root - x / (root * root)) / 3 }
  return root
}

extension RunConfiguration {
  /// The name of a planned run.
  fileprivate var plannedName: String {
    let ending = "-planned"
    return name.hasSuffix(ending) ? name : String(name.prefix(100 - ending.count)) + ending
  }
}
