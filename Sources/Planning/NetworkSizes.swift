internal import Configuration

/// The widths and depths of a network's layers, and the settings that change them together.
///
/// All widths keep their ratios: they are multiples of their greatest common divisor, which is what
/// changes. So every sum and every concatenation still fits. Depths are the numbers of blocks.
struct NetworkSizes {
  private var widths: [(path: String, value: Int)] = []
  private var depths: [(path: String, value: Int)] = []
  /// What widths are divisible by for heads and groups.
  private var divisor = 1

  /// The keys of integers that count features; `size` counts them only in an embedding.
  private static let widthKeys = ["units", "hidden", "dt_rank"]
  private static let depthKeys = ["transformer.blocks", "repeat.times"]

  /// Reads the layers of a model except the last one, whose outputs the data determine.
  init(_ model: Setting) {
    for (place, layer) in model.list.enumerated().dropLast() {
      read(layer, at: "model.\(place)", of: "")
    }
  }

  private mutating func read(_ setting: Setting, at path: String, of name: String) {
    switch setting {
    case .variant(let settings): read(settings, at: "\(path).\(settings.name)")
    case .section(let settings): read(settings, at: path)
    case .list(let elements):
      for (place, element) in elements.enumerated() {
        read(element, at: "\(path).\(place)", of: name)
      }
    default: break
    }
  }

  private mutating func read(_ settings: Settings, at path: String) {
    for (key, value) in settings.values.sorted(by: { $0.key < $1.key }) {
      let place = "\(path).\(key)"
      guard case .integer(let number) = value else {
        read(value, at: place, of: settings.name)
        continue
      }
      if Self.widthKeys.contains(key) || key == "size" && settings.name == "embedding" {
        widths.append((place, number))
      } else if Self.depthKeys.contains("\(settings.name).\(key)") {
        depths.append((place, number))
      } else if ["heads", "groups"].contains(key) {
        let isRotary = settings.values["rotary"] == .boolean(true)
        divisor = leastMultiple(divisor, isRotary ? 2 * number : number)
      }
    }
  }

  /// Whether there is a width to change.
  var canChange: Bool { !widths.isEmpty }

  /// The greatest number of blocks of a layer; 1 if there are none.
  var depth: Int { depths.map(\.value).max() ?? 1 }
  var hasDepth: Bool { !depths.isEmpty }

  private var common: Int { widths.reduce(0) { greatestDivisor($0, $1.value) } }

  /// The step in which the common divisor can change, so that heads still divide the widths that
  /// they divided, and even widths can still be halved.
  private var unit: Int {
    widths.reduce(1) { unit, width in
      let kept = [divisor, 2].filter { width.value % $0 == 0 }.reduce(1, leastMultiple)
      return leastMultiple(unit, kept / greatestDivisor(kept, width.value / common))
    }
  }

  /// The settings of widths, of which size 1 is the smallest, and of depths by a factor.
  func overrides(width size: Int, depth factor: Double) -> [String] {
    widths.map { "\($0.path)=\($0.value / common * unit * size)" }
      + depths.map { "\($0.path)=\(max(1, Int((Double($0.value) * factor).rounded())))" }
  }
}

private func greatestDivisor(_ a: Int, _ b: Int) -> Int { b == 0 ? a : greatestDivisor(b, a % b) }

private func leastMultiple(_ a: Int, _ b: Int) -> Int { a / greatestDivisor(a, b) * b }
