internal import CLinux
package import Diagnostics
internal import Glibc
internal import Synchronization

/// The memory limits of this process: `ulimit -v`, `ulimit -d` and the control group.
///
/// Libraries crash when an allocation fails. So code checks the limits before it allocates much
/// memory, and leaves a reserve.
package enum MemoryLimits {
  /// The bytes that stay free for allocations that are not checked.
  ///
  /// These are Swift's small objects, oneDNN's generated code, HDF5's chunks and OpenMP.
  /// The sweeps of `MemoryTests` detect a value that is too small.
  private static let reserve = Atomic<Int>(16 << 20)

  /// The memory that MPI allocates in `MPI_Init_thread`, and later for messages.
  private static let joiningBytes = 72 << 20
  private static let messageBytes = 24 << 20

  /// A limit and the bytes that are left of it.
  package struct Limit: Equatable, Sendable {
    package let name: String
    package let bytes: Int
    package let free: Int
    /// Whether it also applies to other processes of this host.
    package let isShared: Bool
  }

  /// Sets up the heap, and throws if there is too little memory for any command.
  ///
  /// Call it before the first thread starts.
  package static func prepareProcess(startsMPI: Bool) throws(Failure) {
    // Otherwise glibc reserves 64 MB of address space for each thread.
    if addressLimit != nil { linux_share_heap() }
    if startsMPI { reserve.add(messageBytes, ordering: .relaxed) }
    try require(
      (startsMPI ? joiningBytes : 0) + JoinableThread.stackBytes, for: "the start of nn-dist")
  }

  /// Whether there is any limit.
  package static var areSet: Bool { !current.isEmpty }

  /// Throws if `ranks` processes of this host cannot allocate this many bytes each.
  package static func require(
    _ bytes: Int, for purpose: @autoclosure () -> String, ranks: Int = 1
  ) throws(Failure) {
    let reserve = reserve.load(ordering: .relaxed)
    for limit in current {
      let wanted = (limit.isShared ? ranks : 1).multipliedReportingOverflow(
        by: min(bytes, .max / 2) + reserve)
      guard wanted.overflow || wanted.partialValue > limit.free else { continue }
      let everywhere = limit.isShared && ranks > 1 ? " on each of \(ranks) ranks" : ""
      throw Failure(
        .outOfMemory,
        "no memory for \(purpose()): it needs \(bytes.asBytes) and \(reserve.asBytes) in reserve"
          + "\(everywhere), \(limit.name) leaves \(limit.free.asBytes) of \(limit.bytes.asBytes); "
          + "raise it, or use fewer workers, more shards or a smaller batch")
    }
    // Without a limit the kernel grants more than there is, and later kills a process.
    guard let host, bytes > host / ranks else { return }
    let everywhere = ranks > 1 ? " on each of \(ranks) ranks" : ""
    throw Failure(
      .outOfMemory,
      "no memory for \(purpose()): it needs \(bytes.asBytes)\(everywhere), this host has "
        + "\(host.asBytes) with its swap space")
  }

  /// The memory of this host with its swap space; nil if unknown.
  private static let host: Int? = {
    let sizes = ControlGroup.text("/proc/meminfo").split(separator: "\n")
      .filter { $0.hasPrefix("MemTotal:") || $0.hasPrefix("SwapTotal:") }
      .compactMap { Int($0.split(separator: " ").dropFirst().first ?? "") }
    return sizes.isEmpty ? nil : 1024 * sizes.reduce(0, +)
  }()

  private static var current: [Limit] {
    var limits: [Limit] = []
    if let addressLimit {
      limits.append(of(process: "the limit of address space (ulimit -v)", addressLimit, field: 0))
    }
    if let dataLimit {
      limits.append(of(process: "the limit of data (ulimit -d)", dataLimit, field: 5))
    }
    return limits + groups.compactMap { ControlGroup.limit(of: $0) }
  }

  private static let addressLimit = limit(RLIMIT_AS)
  private static let dataLimit = limit(RLIMIT_DATA)
  /// The groups of this process that have a limit.
  private static let groups = ControlGroup.folders(
    root: "/sys/fs/cgroup", membership: "/proc/self/cgroup"
  )
  .filter { ControlGroup.limit(of: $0) != nil }

  private static func limit(_ resource: __rlimit_resource) -> Int? {
    var limit = rlimit()
    guard unsafe getrlimit(Int32(resource.rawValue), &limit) == 0,
      limit.rlim_cur != rlim_t.max
    else { return nil }
    return Int(clamping: limit.rlim_cur)
  }

  /// Creates a limit on what a field of `/proc/self/statm` counts.
  private static func of(process name: String, _ bytes: Int, field: Int) -> Limit {
    let fields = ControlGroup.text("/proc/self/statm").split(separator: " ")
    let pages = fields.count > field ? Int(fields[field]) ?? 0 : 0
    return Limit(
      name: name, bytes: bytes, free: max(0, bytes - pages * sysconf(Int32(_SC_PAGESIZE))),
      isShared: false)
  }
}
