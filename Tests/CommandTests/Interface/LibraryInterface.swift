import Foundation
import TestSupport
import Testing

/// The public declarations of the library Neuron, as the compiler knows them.
enum LibraryInterface {
  private struct Graph: Decodable {
    let symbols: [Symbol]
    let relationships: [Relationship]
  }

  private struct Symbol: Decodable {
    struct Identifier: Decodable { let precise: String }
    struct Fragment: Decodable { let spelling: String }

    let identifier: Identifier
    let pathComponents: [String]
    let declarationFragments: [Fragment]
    let accessLevel: String

    var path: String { pathComponents.joined(separator: ".") }
  }

  private struct Relationship: Decodable {
    let kind: String
    let source: String
    let target: String
    let targetFallback: String?
  }

  /// What the compiler adds by itself to types, of which versions differ.
  private static let implied = [
    "Swift.Copyable", "Swift.Escapable", "Swift.SendableMetatype", "Swift.BitwiseCopyable",
  ]

  static func lines() throws -> Set<InterfaceLine> {
    let folder = try TemporaryFolder()
    try extract(to: folder)
    let graphs = try folder.names(in: ".").filter { $0.hasSuffix(".symbols.json") }.map {
      try JSONDecoder().decode(Graph.self, from: folder.data(of: $0))
    }
    let symbols = graphs.flatMap(\.symbols)
    let names = Dictionary(symbols.map { ($0.identifier.precise, $0.path) }) { first, _ in first }
    var lines = Set(
      symbols.map { symbol in
        let declaration = symbol.declarationFragments.map(\.spelling).joined()
          .split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return InterfaceLine(
          symbol.path, symbol.accessLevel == "open" ? "open \(declaration)" : declaration)
      })
    for relationship in graphs.flatMap(\.relationships)
    where ["conformsTo", "inheritsFrom"].contains(relationship.kind) {
      let target =
        names[relationship.target] ?? relationship.targetFallback ?? relationship.target
      guard let source = names[relationship.source], !implied.contains(target) else { continue }
      lines.insert(InterfaceLine("\(source): \(target)", relationship.kind))
    }
    return lines
  }

  /// Has the compiler describe the module beside the tests, which was built with the product's
  /// flags.
  private static func extract(to folder: TemporaryFolder) throws {
    let environment = ProcessInfo.processInfo.environment
    let modules = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
      .deletingLastPathComponent().appendingPathComponent("Modules").path
    let ending = try ChildProcess(
      [
        "sh", "-c",
        """
        for map in Sources/C*/module.modulemap; do set -- "$@" -I "${map%/*}"; done
        exec "$0" symbolgraph-extract "$@" $(pkg-config --cflags-only-I \
          libcrypto hdf5 ompi-c libpng yaml-0.1 zlib)
        """,
        environment["SWIFT"] ?? "swift", "-module-name", "Neuron", "-I", modules,
        "-target", "\(machine)-unknown-linux-gnu", "-minimum-access-level", "public",
        "-skip-synthesized-members", "-output-dir", folder.path,
      ], in: Workspace.repository, environment: environment
    ).wait()
    try #require(ending.status == 0, "\(ending.output)\(ending.errors)")
  }

  #if arch(x86_64)
    private static let machine = "x86_64"
  #else
    private static let machine = "aarch64"
  #endif
}
