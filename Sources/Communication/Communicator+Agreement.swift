package import Diagnostics

extension Communicator {
  /// Runs a body that may fail on some ranks only, and fails on all if it did on any.
  ///
  /// All throw the failure of the lowest rank that failed, which is named unless all failed alike.
  /// The body itself may not communicate.
  package func together<Value: ~Copyable>(
    _ body: () throws(Failure) -> Value
  ) throws(Failure) -> Value {
    let value: Value
    do throws(Failure) {
      value = try body()
    } catch {
      throw try shared(error) ?? error
    }
    if let failure = try shared(nil) { throw failure }
    return value
  }

  /// What all ranks throw, given the failure of this one.
  private func shared(_ failure: Failure?) throws(Failure) -> Failure? {
    let message = Array((failure?.message ?? "").utf8)
    let code = failure?.code.rawValue ?? 0
    let outcomes = try collect(
      [Int(code), message.count, fingerprint(message)], in: .agreement)
    guard let failing = outcomes.firstIndex(where: { $0[0] != 0 }) else { return nil }
    var counts = [Int](repeating: 0, count: size)
    counts[failing] = outcomes[failing][1]
    let messages = try collect(rank == failing ? message : [], counts: counts, in: .agreement)
    let text = String(decoding: messages[failing], as: UTF8.self)
    let isCommon = outcomes.allSatisfy { $0 == outcomes[failing] }
    let known = Failure(
      ExitCode(rawValue: Int32(outcomes[failing][0])) ?? .internalError,
      isCommon ? text : "\(named(failing)): \(text)")
    agreedFailure = known
    return known
  }

  /// Refuses ranks that differ in something that all must have in common, with what would help.
  ///
  /// Names and values may not contain a zero byte.
  package func handshake(
    _ items: [(name: String, value: String)], else code: ExitCode = .disagreement,
    remedy: String = "all ranks need the same program, configuration and data"
  ) throws(Failure) {
    guard size > 1 else { return }
    let records = try texts(items.map { "\($0.name)\0\($0.value)\0" }.joined()).map(Self.items)
    for item in records.joined().map(\.name) {
      let values = records.map { record in record.first { $0.name == item }?.value ?? "nothing" }
      guard let (odd, right) = Self.dissent(values) else { continue }
      let failure = Failure(
        code,
        "the ranks disagree on the \(item): \(named(odd)) has \(values[odd]), \(named(right)) has "
          + "\(values[right]); \(remedy)")
      agreedFailure = failure
      throw failure
    }
  }

  /// What each rank says.
  package func texts(_ own: String) throws(Failure) -> [String] {
    let text = Array(own.utf8)
    let counts = try collect([text.count], in: .handshake).map { $0[0] }
    return try collect(text, counts: counts, in: .handshake)
      .map { String(decoding: $0, as: UTF8.self) }
  }

  /// The items in a rank's record, whatever it says.
  private static func items(_ record: String) -> [(name: String, value: String)] {
    let texts = record.split(separator: "\0", omittingEmptySubsequences: false).map(String.init)
    return stride(from: 0, to: texts.count - 1, by: 2).map { (texts[$0], texts[$0 + 1]) }
  }

  /// A rank whose value differs from that of most, and one that has the latter; nil where all are
  /// equal.
  ///
  /// The lower of two equal camps is right.
  package static func dissent(_ values: [String]) -> (odd: Int, right: Int)? {
    let votes = values.map { value in values.count { $0 == value } }
    guard let most = votes.max(), most < values.count, let right = votes.firstIndex(of: most),
      let odd = values.firstIndex(where: { $0 != values[right] })
    else { return nil }
    return (odd, right)
  }

  /// Whether all ranks know of a failure, so that they can go on together from it.
  package func isCommon(_ failure: Failure) -> Bool { size == 1 || failure == agreedFailure }

  /// Every rank's numbers, as many from each.
  private func collect(_ numbers: [Int], in operation: Operation) throws(Failure) -> [[Int]] {
    let bytes = numbers.flatMap { number in
      (0..<8).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
    }
    let records = try collect(
      bytes, counts: Array(repeating: bytes.count, count: size), in: operation)
    return records.map { record in
      numbers.indices.map { place in
        (0..<8).reduce(0) { $0 | Int(record[record.startIndex + place * 8 + $1]) << ($1 * 8) }
      }
    }
  }
}

/// The 64-bit FNV-1a hash of a message, to tell whether ranks say the same.
private func fingerprint(_ bytes: [UInt8]) -> Int {
  Int(
    truncatingIfNeeded: bytes.reduce(0xcbf2_9ce4_8422_2325 as UInt64) {
      ($0 ^ UInt64($1)) &* 0x100_0000_01b3
    })
}
