internal import CLinux
package import Communication
internal import Diagnostics
internal import Files
internal import Glibc
internal import Kernels

extension Facts {
  /// The facts of this process and its machine; `runs` is where a run would go.
  package static func gather(_ communicator: Communicator, runs: String) -> Facts {
    var facts = Facts()
    facts.environment = environment(of: variables)
    facts.isLaunched = Launcher { variable($0) }.startsMPI
    facts.ranks = communicator.localSize
    facts.isRoot = geteuid() == 0
    facts.cores = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    facts.allowedCores = Placement.current().cores.reduce(0) { $0 + $1.nonzeroBitCount }
    facts.quota = Placement.quota()
    facts.memoryError = linux_memory_reading_error()
    facts.ptraceScope = (try? readText("/proc/sys/kernel/yama/ptrace_scope"))
      .flatMap { Int($0.prefix { $0.isNumber }) }
    facts.sharedMemory = freeBytes(of: "/dev/shm")
    facts.runs = runs
    (facts.creationError, facts.lockError) = lockErrors(in: nearestDirectory(to: runs))
    if let library = try? OpenBLAS.shared {
      facts.openBLAS = OpenBLASFacts(
        kernels: library.coreName, suitable: OpenBLAS.suitableCore)
    }
    return facts
  }

  /// What the checks look at.
  private static let variables = [
    "OMPI_ALLOW_RUN_AS_ROOT", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM",
    "OMPI_MCA_hwloc_base_binding_policy", "OMPI_MCA_mpi_yield_when_idle",
    "OMPI_MCA_btl_vader_single_copy_mechanism", "OMPI_MCA_btl_vader_backing_directory",
  ]

  private static func variable(_ name: String) -> String? {
    unsafe getenv(name).map { unsafe String(cString: $0) }
  }

  private static func environment(of names: [String]) -> [String: String] {
    Dictionary(
      uniqueKeysWithValues: names.compactMap { name in variable(name).map { (name, $0) } })
  }

  /// The directory that is there already and would hold a new one.
  private static func nearestDirectory(to path: String) -> String {
    var path = path
    while fileStatus(path) == nil, path != "." && path != "/" { path = directoryName(path) }
    return path
  }

  /// Makes a file, locks it and removes it again.
  private static func lockErrors(in directory: String) -> (creation: Int32, lock: Int32) {
    let path = "\(directory)/.nn-dist-doctor-\(getpid())"
    let file = unsafe open(path.cPath, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard file >= 0 else { return (errno, 0) }
    defer {
      close(file)
      _ = unsafe unlink(path.cPath)
    }
    return (0, flock(file, LOCK_EX | LOCK_NB) == 0 ? 0 : errno)
  }
}
