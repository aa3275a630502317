package import Configuration
package import Diagnostics

/// A layer at its place in a model: its name, what it reads, and whose weights it has.
package struct Node: Sendable {
  package var layer: any Layer
  /// Its own name; nil stands for its kind and running number.
  package var name: String?
  /// The layers or fields that it reads; nil stands for the layer before it.
  package var input: [String]?
  /// The layer that owns its weights.
  package var weightsOf: String?
  /// Its settings in a file, if a file has it.
  private let written: Settings?

  package init(
    _ layer: any Layer, name: String? = nil, input: [String]? = nil, weightsOf: String? = nil
  ) {
    self.layer = layer
    self.name = name
    self.input = input
    self.weightsOf = weightsOf
    written = nil
  }

  /// Settings that the record of a kind of layer has checked.
  package init(_ settings: Settings) throws(Failure) {
    layer = try LayerKind.named(settings.name).make(settings)
    name = settings.optionalText("name")
    weightsOf = settings.optionalText(Node.owner)
    input = settings.optionalValue("input").map { value in
      if case .list(let names) = value { names.map(\.text) } else { [value.text] }
    }
    written = settings
  }

  /// The key that names the owner of its weights.
  static let owner = "weights_of"

  /// Its kind in a file: `dense`, `conv`.
  package var kind: String { layer.record.name }

  static let keys = [
    Key("name", .text, default: .absent, help: "Kind and running number if left out."),
    Key(
      "input", .oneOf([.text, .list(of: .text, count: 1...1000)]), default: .absent,
      help: "What it reads: an earlier layer, a field of the data such as samples, or a list of"
        + " them where it takes several; the layer before it if left out."),
    Key(
      Node.owner, .text, default: .absent,
      help: "An earlier layer whose parameters it uses in place of its own."),
  ]

  /// The settings that a file would write to build it.
  package func settings() throws(Failure) -> Settings {
    if let written { return written }
    var values = try layer.settings().values
    values["name"] = name.map { .text($0) }
    values[Node.owner] = weightsOf.map { .text($0) }
    values["input"] = input.map { names in
      names.count == 1 ? .text(names[0]) : .list(names.map { .text($0) })
    }
    return try Settings(LayerKind.named(kind).record, values)
  }

  /// A failure of one of its keys, or of the layer as a whole.
  func failure(_ message: String, at key: String? = nil) -> Failure {
    guard let written else { return Failure(.badConfiguration, message) }
    let isKnown = key.map { key in written.record.keys.contains { $0.name == key } } ?? false
    let place = isKnown ? written.location(of: key ?? "") : written.location
    return Failure(settings: place, message)
  }

  /// A failure of the layer as a whole, with its path in the file.
  package func failure(ofAll message: String) -> Failure {
    written?.failure(message) ?? Failure(.badConfiguration, message)
  }

  /// The place of its name, for messages; nil where no file wrote it.
  var placeOfName: SourceLocation? { written?.location(of: "name") }
}

extension Layer {
  /// The layer under a name, reading other layers, or with the weights of another one.
  package func node(
    named name: String? = nil, reading input: String..., weightsOf: String? = nil
  ) -> Node {
    Node(self, name: name, input: input.isEmpty ? nil : input, weightsOf: weightsOf)
  }
}

extension Failure {
  /// A setting that does not fit: a bad file, or a bad command line if that is where it stands.
  init(settings location: SourceLocation, _ message: String) {
    self.init(location.line == 0 ? .usage : .badConfiguration, at: location, message)
  }
}
