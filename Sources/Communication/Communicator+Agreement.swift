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

  /// Refuses ranks that differ in something that all must have in common.
  ///
  /// Names and values may not contain a zero byte.
  package func handshake(_ items: [(name: String, value: String)]) throws(Failure) {
    guard size > 1 else { return }
    let text = Array(items.map { "\($0.name)\0\($0.value)\0" }.joined().utf8)
    let counts = try collect([text.count], in: .handshake).map { $0[0] }
    let records = try collect(text, counts: counts, in: .handshake).map(Self.items)
    guard let failure = Self.difference(records, name: named) else { return }
    agreedFailure = failure
    throw failure
  }

  /// The items in a rank's record, whatever its bytes.
  private static func items(_ record: ArraySlice<UInt8>) -> [(name: String, value: String)] {
    let texts = record.split(separator: 0, omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
    return stride(from: 0, to: texts.count - 1, by: 2).map { (texts[$0], texts[$0 + 1]) }
  }

  /// The first item in which a rank differs from most: the lower of two equal camps is right.
  static func difference(
    _ records: [[(name: String, value: String)]], name: (Int) -> String
  ) -> Failure? {
    for item in records.joined().map(\.name) {
      let values = records.map { record in record.first { $0.name == item }?.value ?? "nothing" }
      let votes = values.map { value in values.count { $0 == value } }
      guard let most = votes.max(), most < values.count,
        let right = votes.firstIndex(of: most),
        let odd = values.firstIndex(where: { $0 != values[right] })
      else { continue }
      return Failure(
        .disagreement,
        "the ranks disagree on the \(item): \(name(odd)) has \(values[odd]), \(name(right)) has "
          + "\(values[right]); all ranks need the same program, configuration and data")
    }
    return nil
  }

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
