internal import CLinux
package import Communication
internal import Diagnostics
internal import Files
internal import Glibc
internal import Kernels

extension SystemInfo {
  /// Returns the properties of this process and its machine; `runs` is the folder of runs.
  package static func current(_ communicator: Communicator, runs: String) -> SystemInfo {
    var info = SystemInfo()
    for name in variables { info.environment[name] = environmentVariable(name) }
    info.isLaunched = Launcher().startsMPI
    info.ranks = communicator.localSize
    info.isRoot = geteuid() == 0
    info.cores = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    info.allowedCores = Placement.current().cores.reduce(0) { $0 + $1.nonzeroBitCount }
    info.quota = Placement.quota()
    info.memoryError = linux_memory_reading_error()
    info.ptraceScope = (try? readText("/proc/sys/kernel/yama/ptrace_scope"))
      .flatMap { Int($0.prefix { $0.isNumber }) }
    info.sharedMemory = freeBytes(of: "/dev/shm")
    info.runs = runs
    (info.creationError, info.lockError) = lockErrors(in: nearestExistingPath(to: runs))
    if let library = try? OpenBLAS.shared {
      info.openBLAS = OpenBLASInfo(
        kernels: library.coreName, suitable: OpenBLAS.suitableCore)
    }
    return info
  }

  /// The environment variables that the checks use.
  private static let variables = [
    "OMPI_ALLOW_RUN_AS_ROOT", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM",
    "OMPI_MCA_hwloc_base_binding_policy", "OMPI_MCA_mpi_yield_when_idle",
    "OMPI_MCA_btl_vader_single_copy_mechanism", "OMPI_MCA_btl_vader_backing_directory",
  ]

  /// Creates a file, locks it and removes it; returns the `errno` of both steps.
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
