package import Configuration
package import Diagnostics

/// Layers in the order in which they are computed.
///
///     LayerList {
///       Conv(filters: 16).node(named: "stem")
///       Activation.relu
///     }
package struct LayerList: Sendable {
  package let layers: [NamedNode]

  package var nodes: [Node] { layers.map(\.node) }
  var isEmpty: Bool { layers.isEmpty }

  static let none = LayerList([])

  /// The same without a sigmoid at the end, which a loss of log-odds includes.
  var beforeSigmoid: LayerList {
    guard let last = layers.last, .sigmoid ~= last.layer else { return self }
    return LayerList(nodes.dropLast())
  }

  package init(@LayerListBuilder _ nodes: () -> [Node]) { self.init(nodes()) }

  /// The running number counts every layer of the kind, so that naming one renames no other.
  package init(_ nodes: [Node]) {
    var counts: [String: Int] = [:]
    layers = nodes.map { node in
      counts[node.kind, default: 0] += 1
      let standard =
        (node.layer as? any BlockLayer)?.standardName ?? "\(node.kind)\(counts[node.kind] ?? 1)"
      return NamedNode(name: node.name ?? standard, node: node)
    }
  }

  /// Refuses names that are no words, that two layers have, or that a field of the data has.
  func checkNames(among fields: [String]) throws(Failure) {
    var taken: [String: Node] = [:]
    for layer in layers {
      let (name, node) = (layer.name, layer.node)
      // Names are parts of parameter names and of paths in checkpoints.
      guard !name.isEmpty,
        name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "_-".contains($0)) })
      else {
        throw node.failure(
          "expected a layer name of letters, digits, '_' and '-', found \(name.debugDescription)",
          at: "name")
      }
      guard !fields.contains(name) else {
        throw node.failure(
          "'\(name)' is a field of the data: give the layer another name", at: "name")
      }
      for name in [name] + ((node.layer as? any BlockLayer)?.blocks(named: name) ?? []) {
        if let other = taken[name] {
          throw node.failure(
            "two layers are called '\(name)'"
              + (other.placeOfName.map { ", the other at \($0)" } ?? "")
              + ": give one of them another name", at: "name")
        }
        taken[name] = node
      }
    }
  }
}

extension LayerList: SettingValue {
  package static var kind: Kind { .layers(count: 0...10_000) }

  package init(setting: Setting) throws(Failure) {
    self.init(try setting.list.map { value throws(Failure) in try Node(value.section) })
  }

  package func setting() throws(Failure) -> Setting {
    .list(try nodes.map { node throws(Failure) in .variant(try node.settings()) })
  }
}

@resultBuilder package enum LayerListBuilder {
  package static func buildExpression(_ layer: any Layer) -> [Node] { [Node(layer)] }
  package static func buildExpression(_ node: Node) -> [Node] { [node] }
  package static func buildExpression(_ nodes: [Node]) -> [Node] { nodes }
  package static func buildBlock(_ parts: [Node]...) -> [Node] { parts.flatMap(\.self) }
  package static func buildArray(_ parts: [[Node]]) -> [Node] { parts.flatMap(\.self) }
  package static func buildOptional(_ part: [Node]?) -> [Node] { part ?? [] }
  package static func buildEither(first part: [Node]) -> [Node] { part }
  package static func buildEither(second part: [Node]) -> [Node] { part }
}

/// A layer of a list under the name that it has there.
package struct NamedNode: Sendable {
  package let name: String
  package let node: Node

  var layer: any Layer { node.layer }

  /// A misfit with its place; `path` is the name after those of the layers around it.
  func failure(_ misfit: Misfit, path: String? = nil) -> Failure {
    misfit.failure ?? node.failure("\(path ?? name): \(misfit.message)", at: misfit.key)
  }
}
