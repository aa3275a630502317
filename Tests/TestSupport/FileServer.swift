package import Foundation

/// A web server on the loopback interface, for one test.
package final class FileServer: @unchecked Sendable {
  package enum Answer: Sendable {
    case whole(Data)
    /// Promises all bytes and hangs up after some.
    case cut(Data, after: Int)
  }

  package let address: String
  private let listener: Int32
  private let answers: [String: Answer]

  /// Serves answers by the names of files; what is not among them is not found.
  package init(_ answers: [String: Answer]) throws {
    self.answers = answers
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var place = sockaddr_in()
    place.sin_family = sa_family_t(AF_INET)
    place.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let listener = listener
    let isBound = unsafe withUnsafeMutablePointer(to: &place) { place in
      unsafe place.withMemoryRebound(to: sockaddr.self, capacity: 1) { place in
        unsafe bind(listener, place, size) == 0 && listen(listener, 8) == 0
          && getsockname(listener, place, &size) == 0
      }
    }
    guard isBound else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EINVAL) }
    address = "http://127.0.0.1:\(UInt16(bigEndian: place.sin_port))"
    Thread.detachNewThread { Self.serve(listener, answers) }
  }

  deinit { shutdown(listener, Int32(SHUT_RDWR)) }

  private static func serve(_ listener: Int32, _ answers: [String: Answer]) {
    while true {
      let connection = accept(listener, nil, nil)
      guard connection >= 0 else { break }
      answer(connection, answers)
      close(connection)
    }
    close(listener)
  }

  private static func answer(_ connection: Int32, _ answers: [String: Answer]) {
    var request = ""
    var bytes = [UInt8](repeating: 0, count: 4096)
    while !request.contains("\r\n\r\n") {
      let count = unsafe recv(connection, &bytes, bytes.count, 0)
      guard count > 0 else { return }
      request += String(decoding: bytes[..<count], as: UTF8.self)
    }
    let words = request.split(separator: " ")
    let name = words.count > 1 ? String(words[1].drop { $0 == "/" }) : ""
    switch answers[name] {
    case .whole(let data): send(data, of: data.count, "200 OK", on: connection)
    case .cut(let data, let count):
      send(data.prefix(count), of: data.count, "200 OK", on: connection)
    case nil: send(Data(), of: 0, "404 Not Found", on: connection)
    }
  }

  private static func send(_ body: Data, of length: Int, _ status: String, on connection: Int32) {
    let head = "HTTP/1.1 \(status)\r\nContent-Length: \(length)\r\nConnection: close\r\n\r\n"
    var rest = [UInt8](Data(head.utf8) + body)[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes {
        unsafe Foundation.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }
}
