/// What a run would meet on this machine.
package struct Facts: Equatable, Sendable {
  /// Whether a launcher of MPI has started this process.
  package var isLaunched = false
  /// How many ranks share this machine.
  package var ranks = 1
  package var isRoot = false
  /// The variables of the environment that checks look at.
  package var environment: [String: String] = [:]
  /// The cores that the machine has, and those that this process may run on.
  package var cores = 1
  package var allowedCores = 1
  /// The cores that the control group grants, if it sets a limit.
  package var quota: Double?
  /// The error of reading the memory of a process, as ranks do with each other; 0 if it works.
  package var memoryError: Int32 = 0
  /// Which processes may look into others (Yama): from 2 on none without privilege; nil without it.
  package var ptraceScope: Int?
  /// The bytes free in /dev/shm, nil if there is none.
  package var sharedMemory: Int?
  /// Where runs go, and the errors of making a file there and of locking it; 0 if it works.
  package var runs = "runs"
  package var creationError: Int32 = 0
  package var lockError: Int32 = 0
  /// Nil where the library is not installed.
  package var openBLAS: OpenBLASFacts?

  package struct OpenBLASFacts: Equatable, Sendable {
    /// The processor whose kernels it runs.
    package var kernels: String
    /// The processor whose kernels suit this one; nil where its own choice stands.
    package var suitable: String?

    package init(kernels: String, suitable: String?) {
      self.kernels = kernels
      self.suitable = suitable
    }
  }

  package init() {}

  /// The cores that all ranks of this machine can count on together.
  package var usableCores: Double {
    min(Double(isLaunched ? cores : allowedCores), quota ?? .infinity)
  }
}
