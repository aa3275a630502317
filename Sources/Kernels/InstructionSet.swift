internal import CLinux
internal import CTiles
package import Diagnostics
internal import Synchronization

/// The vector instructions that kernels and libraries may use.
///
/// With a common limit, different hosts compute the same bits. Libraries have one limit for a
/// process, so the first computation settles it.
package enum InstructionSet: String, CaseIterable, Sendable {
  /// All instructions of the processor.
  case auto
  case sse41, avx2, avx512

  /// Whether this processor has it.
  package var isAvailable: Bool {
    let level = linux_vector_level()
    return switch self {
    case .auto: true
    case .sse41: level >= 1
    case .avx2: level >= 2
    case .avx512: level >= 3
    }
  }

  private static let settled = Mutex<InstructionSet?>(nil)

  /// Makes it the limit of this process; instructions that the processor lacks are no limit.
  package func settle() throws(Failure) {
    let wanted = isAvailable ? self : .auto
    let limit = Self.settle(wanted)
    guard limit == wanted else {
      throw Failure(
        .internalError,
        "this process computes with instructions up to \(limit.rawValue) and cannot change to "
          + wanted.rawValue)
    }
  }

  private static func settle(_ wanted: InstructionSet) -> InstructionSet {
    settled.withLock { settled in
      let limit = settled ?? wanted
      settled = limit
      return limit
    }
  }

  /// The limit of this process, which cannot change after the first read.
  static var limit: InstructionSet { settle(.auto) }

  /// Whether vectors have 512 bits.
  static var isWide: Bool { tiles_are_wide() && (limit == .auto || limit == .avx512) }
}

/// The processor that this process runs on.
package enum Processor {
  /// The name that the processor reports.
  package static let name: String = {
    var words = [UInt32](repeating: 0, count: 12)
    unsafe linux_processor_name(&words)
    let bytes = words.flatMap { word in
      (0..<4).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) }
    }
    let name = String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    let parts = name.split(separator: " ")
    return parts.isEmpty ? "a processor without a name" : parts.joined(separator: " ")
  }()
}
