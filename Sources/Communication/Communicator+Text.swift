package import Diagnostics

extension Communicator {
  /// The text of rank 0, on every rank.
  package func broadcast(_ text: String) throws(Failure) -> String {
    String(decoding: try broadcast(Array(text.utf8)), as: UTF8.self)
  }
}
