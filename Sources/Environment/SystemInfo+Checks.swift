internal import Diagnostics
internal import Glibc

extension SystemInfo {
  /// The issues that the checks find, errors first, then warnings, then notes.
  package var issues: [EnvironmentIssue] {
    let found = [
      creation, locks, root, binding, oversubscription, quotaBelowCores, memoryReading,
      smallSharedMemory, misjudgedProcessor,
    ].compactMap(\.self)
    return found.filter { $0.severity != .note && $0.severity != .warning }
      + found.filter { $0.severity == .warning } + found.filter { $0.severity == .note }
  }

  // MARK: Files

  package var creation: EnvironmentIssue? {
    guard creationError != 0 else { return nil }
    let code: ExitCode =
      creationError == EACCES || creationError == EPERM ? .noPermission : .cannotCreate
    return EnvironmentIssue(
      .error(code), "cannot write runs to '\(runs)': \(reason(creationError))",
      remedy: "nn-dist train CONFIG --run /a/writable/folder")
  }

  package var locks: EnvironmentIssue? {
    guard creationError == 0, lockError != 0 else { return nil }
    return EnvironmentIssue(
      .error(.cannotCreate),
      "cannot lock files in '\(runs)': \(reason(lockError)); a run locks its folder, "
        + "and HDF5 locks every file",
      remedy: "export HDF5_USE_FILE_LOCKING=FALSE; nn-dist train CONFIG --run /a/local/disk")
  }

  // MARK: Launching

  package var root: EnvironmentIssue? {
    let names = ["OMPI_ALLOW_RUN_AS_ROOT", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"]
    guard isRoot, !isLaunched, names.contains(where: { environment[$0] != "1" }) else {
      return nil
    }
    return EnvironmentIssue(
      .note, "mpirun refuses to run as root",
      remedy: "export \(names.map { "\($0)=1" }.joined(separator: " "))")
  }

  package var binding: EnvironmentIssue? {
    let remedy = "export OMPI_MCA_hwloc_base_binding_policy=none"
    guard isLaunched else {
      if allowedCores < cores {
        return EnvironmentIssue(
          .warning, "this process may run on \(allowedCores) of \(cores) cores",
          remedy: "taskset -c 0-\(cores - 1) nn-dist train CONFIG")
      }
      let isSet = environment["OMPI_MCA_hwloc_base_binding_policy"] != nil
      guard cores > 1, !isSet else { return nil }
      return EnvironmentIssue(
        .note, "mpirun with one or two ranks binds each rank to one of \(cores) cores",
        remedy: remedy)
    }
    guard allowedCores * ranks < cores else { return nil }
    return EnvironmentIssue(
      .warning,
      "each of \(ranks) ranks is bound to \(allowedCores) of \(cores) cores, "
        + "which its workers share",
      remedy: remedy)
  }

  package var oversubscription: EnvironmentIssue? {
    guard isLaunched, Double(ranks) > usableCores,
      environment["OMPI_MCA_mpi_yield_when_idle"] != "1"
    else { return nil }
    return EnvironmentIssue(
      .warning,
      "\(ranks) ranks share \(usableCores.formatted(digits: 3)) cores, "
        + "and waiting ranks do not yield",
      remedy: "export OMPI_MCA_mpi_yield_when_idle=1")
  }

  package var quotaBelowCores: EnvironmentIssue? {
    guard let quota, quota < Double(allowedCores) else { return nil }
    return EnvironmentIssue(
      .warning,
      "the control group allows \(quota.formatted(digits: 3)) of \(allowedCores) cores; "
        + "Open MPI ignores this limit and starts a rank per core",
      remedy: "mpirun -np \(max(1, Int(quota))) nn-dist train CONFIG")
  }

  // MARK: Memory between processes

  package var memoryReading: EnvironmentIssue? {
    let name = "OMPI_MCA_btl_vader_single_copy_mechanism"
    guard environment[name] != "none" else { return nil }
    let message: String
    if memoryError != 0 {
      message =
        "processes cannot read each other's memory (process_vm_readv: \(reason(memoryError))), "
        + "as in most containers: messages between ranks fail"
    } else if let ptraceScope, ptraceScope >= 2, !isRoot {
      message =
        "the kernel does not let processes read each other's memory (ptrace_scope \(ptraceScope))"
    } else {
      return nil
    }
    return EnvironmentIssue(.warning, message, remedy: "export \(name)=none")
  }

  /// More than Open MPI uses in /dev/shm for each rank.
  static let sharedBytesPerRank = 8 << 20

  package var smallSharedMemory: EnvironmentIssue? {
    let name = "OMPI_MCA_btl_vader_backing_directory"
    let count = max(ranks, cores)
    guard environment[name] == nil, sharedMemory ?? 0 < count * Self.sharedBytesPerRank else {
      return nil
    }
    return EnvironmentIssue(
      .warning,
      "/dev/shm \(sharedMemory.map { "has \($0.asBytes) free" } ?? "is missing"), "
        + "and \(count) ranks need \((count * Self.sharedBytesPerRank).asBytes) for their messages",
      remedy: "export \(name)=/tmp")
  }

  // MARK: Arithmetic

  package var misjudgedProcessor: EnvironmentIssue? {
    guard let openBLAS, let suitable = openBLAS.suitable else { return nil }
    // Haswell and Zen have the same kernels.
    let isSame =
      openBLAS.kernels == suitable || (suitable == "Haswell" && openBLAS.kernels == "Zen")
    guard !isSame else { return nil }
    return EnvironmentIssue(
      .warning,
      "OpenBLAS uses kernels for \(openBLAS.kernels) instead of \(suitable): engine openblas "
        + "and other programs that use OpenBLAS are slow",
      remedy: "export OPENBLAS_CORETYPE=\(suitable)")
  }

  private func reason(_ error: Int32) -> String { unsafe String(cString: strerror(error)) }
}
