internal import Charts
internal import Diagnostics
internal import Reports
internal import RunFiles

extension RunPage {
  /// Of more files, the first, the last and evenly chosen others are shown.
  private static let sampleLimit = 24
  /// Of larger files fewer are shown, so that the page stays small.
  private static let sampleBytes = 1_000_000

  func addSamples(to page: inout Markup) {
    let samples = Self.chosen(record.samples)
    guard !samples.isEmpty else { return }
    if samples.count < record.samples.count {
      page.element(
        "p",
        "\(samples.count) of \(record.samples.count.grouped) files of the folder samples, evenly"
          + " chosen.")
    }
    let isOfTexts = samples.contains { if case .text = $0.content { true } else { false } }
    page.element("div", ["class": isOfTexts ? "texts" : "tiles samples"]) { page in
      // The newest is what one looks for.
      for sample in samples.reversed() {
        page.element("figure", ["class": isOfTexts ? "tile text" : "tile sample"]) { page in
          let caption = "after step \(sample.step.grouped)"
          page.element("figcaption") { page in
            page.element("strong", caption)
            page.element("span", ["class": "file"], sample.name)
          }
          switch sample.content {
          case .picture(let png):
            page.picture(png, alternative: "Samples \(caption)", style: "picture pixels")
          case .drawing(let svg):
            page.picture(
              Array(svg.utf8), kind: "svg+xml", alternative: "Samples \(caption)")
          case .text(let text): page.element("pre", ["tabindex": "0"], text)
          }
        }
        page.newline()
      }
    }
  }

  /// Few enough for a page, in the order of steps.
  static func chosen(_ samples: [SampleFile]) -> [SampleFile] {
    guard let last = samples.last else { return [] }
    var count = min(samples.count, sampleLimit)
    while count > 1 {
      let chosen = (0..<count).map { samples[$0 * (samples.count - 1) / (count - 1)] }
      if chosen.reduce(0, { $0 + size($1) }) <= sampleBytes { return chosen }
      count -= 1
    }
    return [last]
  }

  private static func size(_ sample: SampleFile) -> Int {
    switch sample.content {
    case .picture(let png): png.count
    case .drawing(let text), .text(let text): text.utf8.count
    }
  }
}
