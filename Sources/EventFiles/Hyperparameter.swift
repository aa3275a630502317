/// A setting in the table of runs of TensorBoard.
package enum Hyperparameter: Equatable, Sendable {
  case number(Double)
  case word(String)
  case flag(Bool)

  /// As a value of protocol buffers' `struct.proto`.
  var message: Message {
    var message = Message()
    switch self {
    case .number(let number): message.add(2, number)
    case .word(let word): message.add(3, word)
    case .flag(let flag): message.add(4, flag ? 1 : 0)
    }
    return message
  }
}

/// How a session ended, as TensorBoard's table of runs tells.
package enum SessionStatus: Int, Sendable {
  case finished = 1
  case failed = 2
}
