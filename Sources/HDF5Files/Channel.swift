internal import Glibc

/// Messages over a stream socket, each with its length in front.
struct Channel {
  let socket: Int32
  /// The number of seconds without a byte after which the other end is given up; nil waits for ever.
  let patience: Int?
  /// Whether there is a reason to wait on.
  private let isExcused: () -> Bool

  enum Problem: Error { case ended, silent, malformed }

  /// No message is longer.
  private static let limit = 1 << 28

  init(_ socket: Int32, patience: Int? = nil, isExcused: @escaping () -> Bool = { false }) {
    self.socket = socket
    self.isExcused = isExcused
    self.patience = patience
    guard patience != nil else { return }
    // Seconds are counted one by one: those in which this process was stopped count as one.
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
