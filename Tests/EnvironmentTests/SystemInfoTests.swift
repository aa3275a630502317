import Communication
import Diagnostics
import Environment
import Testing

/// Each check finds its issue in invented values, and none on a machine without issues.
@Suite struct SystemInfoTests {
  /// A machine without issues.
  private static let sound = {
    var info = SystemInfo()
    info.cores = 8
    info.allowedCores = 8
    info.sharedMemory = 1 << 30
    info.environment = ["OMPI_MCA_hwloc_base_binding_policy": "none"]
    info.openBLAS = SystemInfo.OpenBLASInfo(kernels: "SkylakeX", suitable: "SkylakeX")
    return info
  }()

  @Test func noIssues() {
    #expect(Self.sound.issues.isEmpty)
    var launched = Self.sound
    launched.isLaunched = true
    launched.isRoot = true
    launched.ranks = 8
    #expect(launched.issues.isEmpty)
  }

  struct Case: CustomTestStringConvertible, Sendable {
    let name: String
    let change: @Sendable (inout SystemInfo) -> Void
    let severity: EnvironmentIssue.Severity
    let message: String
    let remedy: String

    var testDescription: String { name }
  }

  private static let cases = [
    Case(
      name: "root", change: { $0.isRoot = true }, severity: .note, message: "run as root",
      remedy: "export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1"),
    Case(
      name: "half a permission",
      change: {
        $0.isRoot = true
        $0.environment["OMPI_ALLOW_RUN_AS_ROOT"] = "1"
      }, severity: .note, message: "run as root",
      remedy: "export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1"),
    Case(
      name: "binding to come", change: { $0.environment = [:] }, severity: .note,
      message: "binds each rank to one of 8 cores",
      remedy: "export OMPI_MCA_hwloc_base_binding_policy=none"),
    Case(
      name: "binding",
      change: {
        $0.isLaunched = true
        $0.ranks = 2
        $0.allowedCores = 1
      }, severity: .warning, message: "each of 2 ranks is bound to 1 of 8 cores",
      remedy: "export OMPI_MCA_hwloc_base_binding_policy=none"),
    Case(
      name: "affinity", change: { $0.allowedCores = 1 }, severity: .warning,
      message: "1 of 8 cores", remedy: "taskset -c 0-7 nn-dist train CONFIG"),
    Case(
      name: "oversubscription",
      change: {
        $0.isLaunched = true
        $0.ranks = 9
      }, severity: .warning, message: "9 ranks share 8 cores",
      remedy: "export OMPI_MCA_mpi_yield_when_idle=1"),
    Case(
      name: "quota", change: { $0.quota = 1.5 }, severity: .warning,
      message: "allows 1.5 of 8 cores", remedy: "mpirun -np 1 nn-dist train CONFIG"),
    Case(
      name: "memory reading", change: { $0.memoryError = 1 }, severity: .warning,
      message: "process_vm_readv: Operation not permitted",
      remedy: "export OMPI_MCA_btl_vader_single_copy_mechanism=none"),
    Case(
      name: "ptrace", change: { $0.ptraceScope = 2 }, severity: .warning,
      message: "ptrace_scope 2",
      remedy: "export OMPI_MCA_btl_vader_single_copy_mechanism=none"),
    Case(
      name: "shared memory", change: { $0.sharedMemory = 1 << 20 }, severity: .warning,
      message: "/dev/shm has 1.0 MB free, and 8 ranks need 67 MB",
      remedy: "export OMPI_MCA_btl_vader_backing_directory=/tmp"),
    Case(
      name: "no shared memory", change: { $0.sharedMemory = nil }, severity: .warning,
      message: "/dev/shm is missing", remedy: "export OMPI_MCA_btl_vader_backing_directory=/tmp"),
    Case(
      name: "locks", change: { $0.lockError = 37 }, severity: .error(.cannotCreate),
      message: "cannot lock files in 'runs': No locks available",
      remedy: "export HDF5_USE_FILE_LOCKING=FALSE; nn-dist train CONFIG --run /a/local/disk"),
    Case(
      name: "permission", change: { $0.creationError = 13 }, severity: .error(.noPermission),
      message: "cannot write runs to 'runs': Permission denied",
      remedy: "nn-dist train CONFIG --run /a/writable/folder"),
    Case(
      name: "read-only", change: { $0.creationError = 30 }, severity: .error(.cannotCreate),
      message: "Read-only file system", remedy: "nn-dist train CONFIG --run /a/writable/folder"),
    Case(
      name: "OpenBLAS",
      change: { $0.openBLAS = SystemInfo.OpenBLASInfo(kernels: "Haswell", suitable: "SkylakeX") },
      severity: .warning, message: "kernels for Haswell instead of SkylakeX",
      remedy: "export OPENBLAS_CORETYPE=SkylakeX"),
  ]

  @Test(arguments: cases) func each(_ example: Case) {
    var info = Self.sound
    example.change(&info)
    #expect(info.issues.count == 1, "\(info.issues)")
    guard let issue = info.issues.first else { return }
    #expect(issue.severity == example.severity)
    #expect(issue.message.contains(example.message), "\(issue)")
    #expect(issue.remedy == example.remedy)
    #expect(!issue.message.contains("\n") && !issue.remedy.contains("\n"))
  }

  /// After the remedy, the issue is not reported again.
  @Test(arguments: [
    ("OMPI_MCA_mpi_yield_when_idle", "1"), ("OMPI_MCA_btl_vader_single_copy_mechanism", "none"),
    ("OMPI_MCA_btl_vader_backing_directory", "/tmp"),
  ])
  func remediesHelp(name: String, value: String) {
    var info = Self.sound
    info.isLaunched = true
    info.ranks = 9
    info.memoryError = 1
    info.sharedMemory = 0
    let before = info.issues.count
    info.environment[name] = value
    #expect(before == 3 && info.issues.count == 2)
  }

  @Test func namesOfTheSameKernels() {
    var info = Self.sound
    info.openBLAS = SystemInfo.OpenBLASInfo(kernels: "Zen", suitable: "Haswell")
    #expect(info.issues.isEmpty)
    info.openBLAS = SystemInfo.OpenBLASInfo(kernels: "Nehalem", suitable: nil)
    #expect(info.issues.isEmpty)
  }

  @Test func theWorstComesFirst() {
    var info = Self.sound
    info.isRoot = true
    info.lockError = 37
    info.quota = 2
    #expect(info.issues.map(\.severity) == [.error(.cannotCreate), .warning, .note])
  }

  // MARK: The real machine

  @Test func thisMachine() throws {
    let info = SystemInfo.current(try Communicator.start(), runs: "/tmp/none/at/all")
    #expect(info.cores >= 1 && 1...info.cores ~= info.allowedCores)
    #expect(info.runs == "/tmp/none/at/all" && info.creationError == 0)
    #expect(!info.isLaunched && info.ranks == 1)
    #expect(SystemInfo.current(try Communicator.start(), runs: "/proc/runs").creationError != 0)
  }
}
