package import Diagnostics

extension Communicator {
  /// Runs a body on all ranks; if it fails on any rank, all ranks throw.
  ///
  /// All throw the failure of the lowest rank that failed. The message names that rank unless all
  /// ranks failed in the same way. The body must not communicate.
  package func together<Value: ~Copyable>(
    _ body: () throws(Failure) -> Value
  ) throws(Failure) -> Value {
    let value: Value
    do throws(Failure) {
      value = try body()
    } catch {
      throw try agree(on: error) ?? error
    }
    if let failure = try agree(on: nil) { throw failure }
    return value
  }

  /// Returns the failure that all ranks throw, given the failure of this one.
  private func agree(on failure: Failure?) throws(Failure) -> Failure? {
    let message = Array((failure?.message ?? "").utf8)
    let code = failure?.code.rawValue ?? 0
    let outcomes = try allGather(
      [Int(code), message.count, fingerprint(message)], in: .agreement)
    guard let failing = outcomes.firstIndex(where: { $0[0] != 0 }) else { return nil }
    var counts = [Int](repeating: 0, count: size)
    counts[failing] = outcomes[failing][1]
    let messages = try allGather(rank == failing ? message : [], counts: counts, in: .agreement)
    let text = String(decoding: messages[failing], as: UTF8.self)
    let isCommon = outcomes.allSatisfy { $0 == outcomes[failing] }
    let common = Failure(
      ExitCode(rawValue: Int32(outcomes[failing][0])) ?? .internalError,
      isCommon ? text : "\(describe(failing)): \(text)")
    commonFailure = common
    return common
  }

  /// Throws on all ranks if a value differs between ranks; the message ends with the remedy.
  ///
  /// Names and values must not contain a zero byte.
  package func handshake(
    _ items: [(name: String, value: String)], else code: ExitCode = .disagreement,
    remedy: String = "all ranks need the same program, configuration and data"
  ) throws(Failure) {
    guard size > 1 else { return }
    let records = try allGather(items.map { "\($0.name)\0\($0.value)\0" }.joined()).map(Self.items)
    for item in records.joined().map(\.name) {
      let values = records.map { record in record.first { $0.name == item }?.value ?? "nothing" }
      guard let (odd, right) = Self.disagreement(values) else { continue }
      let failure = Failure(
        code,
        "the ranks disagree on the \(item): \(describe(odd)) has \(values[odd]), "
          + "\(describe(right)) has \(values[right]); \(remedy)")
      commonFailure = failure
      throw failure
    }
  }

  /// Returns the texts of all ranks.
  ///
  /// The corresponding MPI function is `MPI_Allgatherv`.
  package func allGather(_ own: String) throws(Failure) -> [String] {
    let text = Array(own.utf8)
    let counts = try allGather([text.count], in: .handshake).map { $0[0] }
    return try allGather(text, counts: counts, in: .handshake)
      .map { String(decoding: $0, as: UTF8.self) }
  }

  /// Decodes the record of a rank, which may be malformed.
  private static func items(_ record: String) -> [(name: String, value: String)] {
    let texts = record.split(separator: "\0", omittingEmptySubsequences: false).map(String.init)
    return stride(from: 0, to: texts.count - 1, by: 2).map { (texts[$0], texts[$0 + 1]) }
  }

  /// Returns a rank whose value differs from that of the majority, and a rank of the majority; nil
  /// if all values are equal.
  ///
  /// Of two groups of equal size, the one with the lowest rank is the majority.
  package static func disagreement(_ values: [String]) -> (odd: Int, right: Int)? {
    let votes = values.map { value in values.count { $0 == value } }
    guard let most = votes.max(), most < values.count, let right = votes.firstIndex(of: most),
      let odd = values.firstIndex(where: { $0 != values[right] })
    else { return nil }
    return (odd, right)
  }

  /// Returns whether all ranks threw this failure, so that they can continue together.
  package func isKnownToAll(_ failure: Failure) -> Bool { size == 1 || failure == commonFailure }

  /// Returns the numbers of all ranks; each rank has the same number of them.
  private func allGather(_ numbers: [Int], in operation: Collective) throws(Failure) -> [[Int]] {
    let bytes = numbers.flatMap { number in
      (0..<8).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
    }
    let records = try allGather(
      bytes, counts: Array(repeating: bytes.count, count: size), in: operation)
    return records.map { record in
      numbers.indices.map { place in
        (0..<8).reduce(0) { $0 | Int(record[record.startIndex + place * 8 + $1]) << ($1 * 8) }
      }
    }
  }
}

/// The 64-bit FNV-1a hash of a message.
private func fingerprint(_ bytes: [UInt8]) -> Int {
  Int(
    truncatingIfNeeded: bytes.reduce(0xcbf2_9ce4_8422_2325 as UInt64) {
      ($0 ^ UInt64($1)) &* 0x100_0000_01b3
    })
}
