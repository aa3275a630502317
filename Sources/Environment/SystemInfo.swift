/// The properties of this machine and process that affect a run.
package struct SystemInfo: Equatable, Sendable {
  /// Whether an MPI launcher started this process.
  package var isLaunched = false
  /// The number of ranks on this machine.
  package var ranks = 1
  package var isRoot = false
  /// The environment variables that the checks use.
  package var environment: [String: String] = [:]
  /// The number of cores of the machine, and of those in the affinity mask of this process.
  package var cores = 1
  package var allowedCores = 1
  /// The number of cores that the control group allows; nil without a limit.
  package var quota: Double?
  /// The `errno` of `process_vm_readv`, which ranks use with each other; 0 if it works.
  package var memoryError: Int32 = 0
  /// The `ptrace_scope` of Yama, nil without Yama.
  ///
  /// From 2 on only privileged processes may read the memory of others.
  package var ptraceScope: Int?
  /// The bytes free in /dev/shm, nil if there is none.
  package var sharedMemory: Int?
  /// The folder of runs, and the `errno` of creating and locking a file there; 0 if it works.
  package var runs = "runs"
  package var creationError: Int32 = 0
  package var lockError: Int32 = 0
  /// Nil if OpenBLAS is not installed.
  package var openBLAS: OpenBLASInfo?

  package struct OpenBLASInfo: Equatable, Sendable {
    /// The core type whose kernels OpenBLAS selected.
    package var kernels: String
    /// The core type whose kernels suit this processor; nil if OpenBLAS's choice is right.
    package var suitable: String?

    package init(kernels: String, suitable: String?) {
      self.kernels = kernels
      self.suitable = suitable
    }
  }

  package init() {}

  /// The number of cores for all ranks of this machine together.
  package var usableCores: Double {
    min(Double(isLaunched ? cores : allowedCores), quota ?? .infinity)
  }
}
