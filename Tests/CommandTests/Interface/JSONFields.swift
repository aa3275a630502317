/// A value of JSON, with the numbers and texts left out.
indirect enum JSONContent: Decodable {
  case object([String: JSONContent])
  case array([JSONContent])
  case text(String)
  case number
  case boolean
  case null

  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if value.decodeNil() {
      self = .null
    } else if (try? value.decode(Bool.self)) != nil {
      self = .boolean
    } else if (try? value.decode(Double.self)) != nil {
      self = .number
    } else if let text = try? value.decode(String.self) {
      self = .text(text)
    } else if let elements = try? value.decode([JSONContent].self) {
      self = .array(elements)
    } else {
      self = .object(try value.decode([String: JSONContent].self))
    }
  }
}

/// The fields of some answers in JSON and their types: `classes[].recall`.
struct JSONFields {
  private var types: [String: Set<String>] = [:]
  private let distinguishesTypes: Bool

  /// In model files each element of a list has a `type`, which its fields depend on.
  init(distinguishesTypes: Bool = false) { self.distinguishesTypes = distinguishesTypes }

  mutating func add(_ value: JSONContent) { add(value, at: "") }

  private mutating func add(_ value: JSONContent, at path: String) {
    switch value {
    case .object(let members):
      for (name, member) in members { add(member, at: path.isEmpty ? name : "\(path).\(name)") }
    case .array(let elements):
      note("list", at: path)
      for element in elements {
        add(element, at: "\(path)[\(distinguishesTypes ? element.type : "")]")
      }
    case .text: note("text", at: path)
    case .number: note("number", at: path)
    case .boolean: note("boolean", at: path)
    case .null: note("null", at: path)
    }
  }

  private mutating func note(_ type: String, at path: String) {
    types[path, default: []].insert(type)
  }

  /// A field that is sometimes null counts as what it is otherwise.
  func lines(of label: String, typed: Bool) -> [InterfaceLine] {
    types.map { path, types in
      let known = types.count > 1 ? types.subtracting(["null"]) : types
      return InterfaceLine(
        path.isEmpty ? label : "\(label) \(path)",
        typed ? known.sorted().joined(separator: " or ") : "")
    }
  }
}

extension JSONContent {
  /// The type that an element of a list says it has.
  fileprivate var type: String {
    if case .object(let members) = self, case .text(let type) = members["type"] { type } else { "" }
  }
}
