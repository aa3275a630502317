/// The collective operations; the raw value is the tag of their messages.
enum Collective: Int32, CaseIterable {
  case start = 1
  case reduceScatter, allGather, gather, broadcast, barrier, agreement, handshake, finish

  var name: String {
    switch self {
    case .start: "start"
    case .reduceScatter: "reduce-scatter"
    case .allGather: "all-gather"
    case .gather: "gather"
    case .broadcast: "broadcast"
    case .barrier: "barrier"
    case .agreement: "agreement"
    case .handshake: "handshake"
    case .finish: "finish"
    }
  }
}
