package import Diagnostics
package import Graphs
final class ReferenceExecutable: Executable, @unchecked Sendable {
  init(_ program: Program, parameters: ParameterVector) throws(Failure) { fatalError() }
  var arenaByteCount: Int { 0 }
  var sharedByteCount: Int { 0 }
  var listing: String { "" }
  func refresh() {}
  func makeSession(in arena: Arena) throws(Failure) -> any Session { fatalError() }
}
