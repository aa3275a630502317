internal import Configuration
internal import Diagnostics

/// A layer and what it is called: `name` in its settings, or its kind and running number.
struct NamedLayer: Sendable {
  let name: String
  let kind: LayerKind
  let layer: any Layer
  let settings: Settings

  /// Where the name was written, or the layer if it has none.
  fileprivate var placeOfName: SourceLocation {
    layer.name == nil ? settings.location : settings.location(of: "name")
  }

  fileprivate init(_ kind: LayerKind, _ number: Int, _ settings: Settings) throws(Failure) {
    self.kind = kind
    self.settings = settings
    layer = try kind.type.init(settings)
    name = layer.name ?? "\(kind.rawValue)\(number)"
  }

  /// Names are parts of parameter names and of paths in checkpoints.
  fileprivate func checkName() throws(Failure) {
    guard name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "_-".contains($0)) })
    else {
      throw Failure(
        settings: placeOfName,
        "expected a layer name of letters, digits, '_' and '-', found \(name.debugDescription)")
    }
  }

  /// What does not fit, with its place; `path` is the name with those of the layers around.
  func failure(_ misfit: Misfit, path: String? = nil) -> Failure {
    if let failure = misfit.failure { return failure }
    let place = misfit.key.map { settings.location(of: $0) } ?? settings.location
    return Failure(settings: place, "\(path ?? name): \(misfit.message)")
  }
}

/// Layers one after the other, each with a name of its own.
struct LayerList: Sendable {
  let layers: [NamedLayer]

  /// The running number counts every layer of the kind, so that naming one renames no other.
  init(_ list: [Settings]) throws(Failure) {
    var layers: [NamedLayer] = []
    var counts: [LayerKind: Int] = [:]
    var taken: [String: NamedLayer] = [:]
    for settings in list {
      guard let kind = LayerKind(rawValue: settings.name) else {
        preconditionFailure("the schema has a layer '\(settings.name)' that no kind names")
      }
      let number = counts[kind, default: 0] + 1
      counts[kind] = number
      let layer = try NamedLayer(kind, number, settings)
      try layer.checkName()
      if let other = taken[layer.name] {
        throw Failure(
          settings: layer.placeOfName,
          "two layers are called '\(layer.name)', the other at \(other.placeOfName): "
            + "give one of them another name")
      }
      taken[layer.name] = layer
      layers.append(layer)
    }
    self.layers = layers
  }
}

extension Failure {
  /// A setting that does not fit: a bad file, or a bad command line if that is where it stands.
  init(settings location: SourceLocation, _ message: String) {
    self.init(location.line == 0 ? .usage : .badConfiguration, at: location, message)
  }
}
