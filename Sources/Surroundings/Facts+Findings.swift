internal import Diagnostics
internal import Glibc

extension Facts {
  /// All that will hurt, the worst first.
  package var findings: [Finding] {
    let found = [
      creation, locks, root, binding, oversubscription, quotaBelowCores, memoryReading,
      smallSharedMemory, misjudgedProcessor,
    ].compactMap(\.self)
    return found.filter { $0.severity != .note && $0.severity != .warning }
      + found.filter { $0.severity == .warning } + found.filter { $0.severity == .note }
  }

  // MARK: Files

  package var creation: Finding? {
    guard creationError != 0 else { return nil }
    let code: ExitCode =
      creationError == EACCES || creationError == EPERM ? .noPermission : .cannotCreate
    return Finding(
      .error(code), "no run can be written to '\(runs)': \(reason(creationError))",
      remedy: "nn-dist train CONFIG --run /a/place/of/yours")
  }

  package var locks: Finding? {
    guard creationError == 0, lockError != 0 else { return nil }
    return Finding(
      .error(.cannotCreate),
      "files in '\(runs)' cannot be locked: \(reason(lockError)); a run needs a lock, and HDF5 takes "
        + "one of its own on every file",
      remedy: "export HDF5_USE_FILE_LOCKING=FALSE; nn-dist train CONFIG --run /a/local/disk")
  }

  // MARK: Launching

  package var root: Finding? {
    let names = ["OMPI_ALLOW_RUN_AS_ROOT", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"]
    guard isRoot, !isLaunched, names.contains(where: { environment[$0] != "1" }) else {
      return nil
    }
    return Finding(
      .note, "mpirun refuses to run as root",
      remedy: "export \(names.map { "\($0)=1" }.joined(separator: " "))")
  }

  package var binding: Finding? {
    let remedy = "export OMPI_MCA_hwloc_base_binding_policy=none"
    guard isLaunched else {
      if allowedCores < cores {
        return Finding(
          .warning, "this process may run on \(allowedCores) of \(cores) cores",
          remedy: "taskset -c 0-\(cores - 1) nn-dist train CONFIG")
      }
      let isSet = environment["OMPI_MCA_hwloc_base_binding_policy"] != nil
      guard cores > 1, !isSet else { return nil }
      return Finding(
        .note, "mpirun with one rank or two binds each of them to one of \(cores) cores",
        remedy: remedy)
    }
    guard allowedCores * ranks < cores else { return nil }
    return Finding(
      .warning,
      "each of \(ranks) ranks is bound to \(allowedCores) of \(cores) cores, which all its workers share",
      remedy: remedy)
  }

  package var oversubscription: Finding? {
    guard isLaunched, Double(ranks) > usableCores,
      environment["OMPI_MCA_mpi_yield_when_idle"] != "1"
    else { return nil }
    return Finding(
      .warning,
      "\(ranks) ranks share \(usableCores.formatted(digits: 3)) cores, and one that waits does not let "
        + "others run",
      remedy: "export OMPI_MCA_mpi_yield_when_idle=1")
  }

  package var quotaBelowCores: Finding? {
    guard let quota, quota < Double(allowedCores) else { return nil }
    return Finding(
      .warning,
      "the control group grants \(quota.formatted(digits: 3)) of \(allowedCores) cores; Open MPI does "
        + "not know, and starts a rank on each",
      remedy: "mpirun -np \(max(1, Int(quota))) nn-dist train CONFIG")
  }

  // MARK: Memory between processes

  package var memoryReading: Finding? {
    let name = "OMPI_MCA_btl_vader_single_copy_mechanism"
    guard environment[name] != "none" else { return nil }
    let problem: String
    if memoryError != 0 {
      problem =
        "processes may not read each other's memory (process_vm_readv: \(reason(memoryError))), as in "
        + "most containers: messages between ranks fail"
    } else if let ptraceScope, ptraceScope >= 2, !isRoot {
      problem = "the kernel lets no process read another's memory (ptrace_scope \(ptraceScope))"
    } else {
      return nil
    }
    return Finding(.warning, problem, remedy: "export \(name)=none")
  }

  /// What Open MPI takes there for each rank, with room to spare.
  static let sharedBytesPerRank = 8 << 20

  package var smallSharedMemory: Finding? {
    let name = "OMPI_MCA_btl_vader_backing_directory"
    let count = max(ranks, cores)
    guard environment[name] == nil, sharedMemory ?? 0 < count * Self.sharedBytesPerRank else {
      return nil
    }
    return Finding(
      .warning,
      "/dev/shm \(sharedMemory.map { "has \($0.asBytes) free" } ?? "is missing"), and \(count) ranks "
        + "need \((count * Self.sharedBytesPerRank).asBytes) for their messages",
      remedy: "export \(name)=/tmp")
  }

  // MARK: Arithmetic

  package var misjudgedProcessor: Finding? {
    guard let openBLAS, let suitable = openBLAS.suitable else { return nil }
    // Two names for the same kernels.
    let isSame =
      openBLAS.kernels == suitable || (suitable == "Haswell" && openBLAS.kernels == "Zen")
    guard !isSame else { return nil }
    return Finding(
      .warning,
      "OpenBLAS runs kernels for \(openBLAS.kernels) where those for \(suitable) suit: engine openblas "
        + "is slow, and so is every program that uses it",
      remedy: "export OPENBLAS_CORETYPE=\(suitable)")
  }

  private func reason(_ error: Int32) -> String { unsafe String(cString: strerror(error)) }
}
