import Configuration
import Datasets
import Training

/// Every key that a file of a user may have, with its values and its default.
enum ConfigurationInterface {
  static var lines: Set<InterfaceLine> {
    var walk = Walk()
    walk.add(RunConfiguration.record, at: "")
    walk.add(DatasetDescriptor.record, at: "descriptor ")
    walk.add(SampleCoding.record, at: "coding ")
    return walk.lines
  }

  private struct Walk {
    var lines: Set<InterfaceLine> = []
    private var nouns: Set<String> = []

    mutating func add(_ record: Record, at place: String) {
      for key in record.keys {
        let name = place + key.name
        lines.insert(
          InterfaceLine(
            name, "\(key.kind.expectation); \(key.default.text); changes \(key.effect)"))
        add(key.kind, at: name)
      }
    }

    private mutating func add(_ kind: Kind, at name: String) {
      switch kind {
      case .record(let record): add(record, at: "\(name).")
      case .oneRecord(let noun, let records):
        // Layers that hold layers would go on forever.
        guard nouns.insert(noun).inserted else { return }
        for record in records() {
          let name = "\(noun) \(record.name)"
          lines.insert(InterfaceLine(name, record.main.map { "short for \($0)" } ?? ""))
          add(record, at: "\(name).")
        }
      case .list(let element, _): add(element, at: "\(name)[]")
      case .map(let element): add(element, at: "\(name).NAME")
      case .oneOf(let forms): for form in forms { add(form, at: name) }
      case .integer, .number, .boolean, .text, .choice, .timespan: break
      }
    }
  }
}

extension Key.Default {
  fileprivate var text: String {
    switch self {
    case .required: "required"
    case .requiredWithout(let others): "required without \(others.joined(separator: " or "))"
    case .absent: "no default"
    case .yaml(let text): "default \(text)"
    }
  }
}
