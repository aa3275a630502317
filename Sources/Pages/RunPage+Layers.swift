internal import Charts
internal import Diagnostics
internal import Reports
internal import RunFiles

extension RunPage {
  /// A row for each parameter, with small curves: readable for sixty of them.
  func addLayers(to page: inout Markup) {
    let lines = record.layers
    guard let last = lines.last else { return }
    let names = last.tensors.map(\.name)
    var weights: [String: [(x: Double, y: Double)]] = [:]
    var gradients: [String: [(x: Double, y: Double)]] = [:]
    var dead: [String: [(x: Double, y: Double)]] = [:]
    for line in lines {
      let step = Double(line.step)
      for tensor in line.tensors {
        weights[tensor.name, default: []].append((step, tensor.weights))
        if let gradient = tensor.gradient {
          gradients[tensor.name, default: []].append((step, gradient))
        }
      }
      for (layer, share) in line.dead { dead[layer, default: []].append((step, share)) }
    }
    if !names.isEmpty {
      page.element(
        "p",
        "Euclidean norms of each parameter and of its gradient in the last step of every epoch. A"
          + " gradient far below those of other layers does not arrive there; a norm of weights"
          + " that keeps growing asks for a smaller learning rate or weight decay.")
      let largest = last.tensors.compactMap(\.gradient).filter(\.isFinite).max() ?? 0
      page.element("div", ["class": "wide"]) { page in
        page.element("table", ["class": "layers"]) { page in
          Self.head(
            ["parameter", "weights: first", "over time", "last", "gradient: first", "over time",
              "last", "of the largest"], of: &page)
          page.element("tbody") { page in
            for tensor in last.tensors {
              page.element("tr") { page in
                page.element("th", ["scope": "row"], tensor.name)
                Self.cells(weights[tensor.name] ?? [], "s1", of: &page)
                Self.cells(gradients[tensor.name] ?? [], "s2", of: &page)
                let share = tensor.gradient.map { $0 / largest }
                page.element(
                  "td", share.map { $0.isFinite ? "\(100 * $0 < 1 ? (100 * $0).formatted(digits: 2) : (100 * $0).formatted(0)) %" : "" } ?? "")
              }
            }
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
    page.element("div", ["class": "wide"]) { page in
      page.element("table", ["class": "layers"]) { page in
        Self.head(["layer", "first", "over time", "last"], of: &page)
        page.element("tbody") { page in
          for (layer, _) in last.dead {
            page.element("tr") { page in
              page.element("th", ["scope": "row"], layer)
              Self.cells(dead[layer] ?? [], "s3", range: 0...1, of: &page) { $0.asPercent }
            }
          }
        }
      }
    }
  }

  private static func head(_ headings: [String], of page: inout Markup) {
    page.element("thead") { page in
      page.element("tr") { page in
        for heading in headings { page.element("th", ["scope": "col"], heading) }
      }
    }
  }

  /// The first value, a small curve and the last value.
  private static func cells(
    _ points: [(x: Double, y: Double)], _ style: String, range: ClosedRange<Double>? = nil,
    of page: inout Markup, text: (Double) -> String = { $0.isFinite ? $0.formatted(digits: 4) : "not a number" }
  ) {
    guard let first = points.first, let last = points.last else {
      for _ in 0..<3 { page.element("td", "") }
      return
    }
    page.element("td", text(first.y))
    page.element("td") { $0.add(Sparkline.svg(points, style: style, range: range)) }
    page.element("td", text(last.y))
  }
}
