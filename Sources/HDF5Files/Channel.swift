internal import Glibc

/// Sends and receives messages over a stream socket, each with a length prefix.
struct Channel {
  let socket: Int32
  /// The timeout in seconds without a byte; nil waits for ever.
  let patience: Int?
  /// Returns true to continue to wait after the timeout.
  private let isExcused: () -> Bool

  enum Problem: Error { case ended, silent, malformed }

  /// The maximum length of a message.
  private static let limit = 1 << 28

  init(_ socket: Int32, patience: Int? = nil, isExcused: @escaping () -> Bool = { false }) {
    self.socket = socket
    self.isExcused = isExcused
    self.patience = patience
    guard patience != nil else { return }
    // Counting one-second timeouts ignores the time in which this process was stopped.
    var second = timeval(tv_sec: 1, tv_usec: 0)
    for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
      unsafe setsockopt(
        socket, SOL_SOCKET, option, &second, socklen_t(MemoryLayout<timeval>.size))
    }
  }

  func send(_ packet: Packet) throws(Problem) {
    var bytes = Packet(packet.bytes.count).bytes
    bytes += packet.bytes
    try send(bytes)
  }

  func receive() throws(Problem) -> Packet {
    var head = Packet(try receive(8))
    guard let count = try? head.nextNumber(), count <= Self.limit else { throw .malformed }
    return Packet(try receive(Int(count)))
  }

  func send(_ bytes: [UInt8]) throws(Problem) {
    var done = 0
    try repeating(until: bytes.count, &done) { done in
      unsafe bytes.withUnsafeBytes { bytes in
        unsafe Glibc.send(
          socket, bytes.baseAddress.map { unsafe $0 + done }, bytes.count - done,
          Int32(MSG_NOSIGNAL))
      }
    }
  }

  func receive(_ count: Int) throws(Problem) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var done = 0
    try repeating(until: count, &done) { done in
      unsafe bytes.withUnsafeMutableBytes { bytes in
        unsafe recv(socket, bytes.baseAddress.map { unsafe $0 + done }, bytes.count - done, 0)
      }
    }
    return bytes
  }

  private func repeating(
    until end: Int, _ done: inout Int, _ transfer: (Int) -> Int
  ) throws(Problem) {
    var seconds = 0
    while done < end {
      let count = transfer(done)
      if count > 0 {
        done += count
        seconds = 0
      } else if count < 0, errno == EAGAIN {
        seconds += 1
        if let patience, seconds >= patience, !isExcused() { throw .silent }
      } else if count == 0 || errno != EINTR {
        throw .ended
      }
    }
  }
}
