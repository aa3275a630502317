internal import Charts
internal import Diagnostics
internal import Reports
internal import RunFiles

extension RunPage {
  /// A row for each parameter, with small curves: readable for sixty of them.
  func addLayers(to page: inout Markup, _ data: inout PageData) {
    guard let last = record.layers.last else { return }
    let history = LayerHistory(record.layers)
    data.set(sparkSteps: history.steps, epochs: history.epochs)
    if !last.tensors.isEmpty {
      page.element(
        "p",
        "Euclidean norms of each parameter and of its gradient in the last step of every epoch. A"
          + " gradient far below those of other layers does not arrive there; a norm of weights"
          + " that keeps growing asks for a smaller learning rate or weight decay.")
      addTable(
        [
          "parameter", "weights: first", "over time", "last", "gradient: first", "over time",
          "last", "of the largest",
        ], to: &page
      ) { page in
        let largest = last.tensors.compactMap(\.gradient).filter(\.isFinite).max() ?? 0
        for tensor in last.tensors {
          page.element("tr") { page in
            page.element("th", ["scope": "row"], tensor.name)
            add(history.weights[tensor.name], "s1", to: &page, &data)
            add(history.gradients[tensor.name], "s2", to: &page, &data)
            page.element("td", Self.share(tensor.gradient, of: largest))
          }
        }
      }
    }
    guard !last.dead.isEmpty else { return }
    page.element("h3", "Dead units")
    page.element(
      "p",
      "The share of units of each ReLU layer that were 0 for every sample of a probe: these learn"
        + " nothing more.")
    addTable(["layer", "first", "over time", "last"], to: &page) { page in
      for (layer, _) in last.dead {
        page.element("tr") { page in
          page.element("th", ["scope": "row"], layer)
          add(history.dead[layer], "s3", range: 0...1, to: &page, &data) { $0.asPercent }
        }
      }
    }
  }

  private func addTable(
    _ headings: [String], to page: inout Markup, _ rows: (inout Markup) -> Void
  ) {
    page.element("div", ["class": "wide"]) { page in
      page.element("table", ["class": "layers"]) { page in
        page.element("thead") { page in
          page.element("tr") { page in
            for heading in headings { page.element("th", ["scope": "col"], heading) }
          }
        }
        page.element("tbody", [:], rows)
      }
    }
    page.newline()
  }

  /// The first value, a small curve and the last value.
  private func add(
    _ values: [Double]?, _ style: String, range: ClosedRange<Double>? = nil,
    to page: inout Markup, _ data: inout PageData, text: (Double) -> String = RunPage.norm
  ) {
    let known = values?.filter { !$0.isNaN } ?? []
    guard let values, let first = known.first, let last = known.last else {
      for _ in 0..<3 { page.element("td", "") }
      return
    }
    page.element("td", text(first))
    page.element("td") { page in
      let points = values.enumerated().map { (x: Double($0), y: $1) }
      page.add(
        Sparkline.svg(points, style: style, place: data.add(spark: values), range: range))
    }
    page.element("td", text(last))
  }

  private static func norm(_ value: Double) -> String { value.formatted(digits: 4) }

  private static func share(_ gradient: Double?, of largest: Double) -> String {
    guard let gradient, gradient.isFinite, largest > 0 else { return "" }
    let percent = 100 * gradient / largest
    return "\(percent < 1 ? percent.formatted(digits: 2) : percent.formatted(0)) %"
  }
}

/// The numbers of `layers.jsonl` by the names of parameters and layers: a number for each step,
/// which is NaN where a line does not have it.
struct LayerHistory {
  /// Of more lines the last and evenly chosen others are kept.
  static let limit = 200

  let steps: [Int]
  let epochs: [Int]
  private(set) var weights: [String: [Double]] = [:]
  private(set) var gradients: [String: [Double]] = [:]
  private(set) var dead: [String: [Double]] = [:]

  init(_ lines: [LayersLine]) {
    let count = min(lines.count, Self.limit)
    let kept =
      count == lines.count
      ? lines : (0..<count).map { lines[$0 * (lines.count - 1) / (count - 1)] }
    steps = kept.map(\.step)
    epochs = kept.map(\.epoch)
    let unknown = Array(repeating: Double.nan, count: count)
    for (place, line) in kept.enumerated() {
      for tensor in line.tensors {
        weights[tensor.name, default: unknown][place] = tensor.weights
        if let gradient = tensor.gradient {
          gradients[tensor.name, default: unknown][place] = gradient
        }
      }
      for (layer, share) in line.dead { dead[layer, default: unknown][place] = share }
    }
  }
}
