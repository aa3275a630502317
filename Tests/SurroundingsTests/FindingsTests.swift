import Communication
import Diagnostics
import Surroundings
import Testing

/// Each check sees what hurts in facts that were made up, and nothing where nothing does.
@Suite struct FindingsTests {
  /// A machine on which nothing hurts.
  private static let sound = {
    var facts = Facts()
    facts.cores = 8
    facts.allowedCores = 8
    facts.sharedMemory = 1 << 30
    facts.environment = ["OMPI_MCA_hwloc_base_binding_policy": "none"]
    facts.openBLAS = Facts.OpenBLASFacts(kernels: "SkylakeX", suitable: "SkylakeX")
    return facts
  }()

  @Test func nothingHurts() {
    #expect(Self.sound.findings.isEmpty)
    var launched = Self.sound
    launched.isLaunched = true
    launched.isRoot = true
    launched.ranks = 8
    #expect(launched.findings.isEmpty)
  }

  struct Case: CustomTestStringConvertible, Sendable {
    let name: String
    let change: @Sendable (inout Facts) -> Void
    let severity: Finding.Severity
    let problem: String
    let remedy: String

    var testDescription: String { name }
  }

  private static let cases = [
    Case(
      name: "root", change: { $0.isRoot = true }, severity: .note, problem: "run as root",
      remedy: "export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1"),
    Case(
      name: "half a permission",
      change: {
        $0.isRoot = true
        $0.environment["OMPI_ALLOW_RUN_AS_ROOT"] = "1"
      }, severity: .note, problem: "run as root",
      remedy: "export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1"),
    Case(
      name: "binding to come", change: { $0.environment = [:] }, severity: .note,
      problem: "binds each of them to one of 8 cores",
      remedy: "export OMPI_MCA_hwloc_base_binding_policy=none"),
    Case(
      name: "binding",
      change: {
        $0.isLaunched = true
        $0.ranks = 2
        $0.allowedCores = 1
      }, severity: .warning, problem: "each of 2 ranks is bound to 1 of 8 cores",
      remedy: "export OMPI_MCA_hwloc_base_binding_policy=none"),
    Case(
      name: "affinity", change: { $0.allowedCores = 1 }, severity: .warning,
      problem: "1 of 8 cores", remedy: "taskset -c 0-7 nn-dist train CONFIG"),
    Case(
      name: "oversubscription",
      change: {
        $0.isLaunched = true
        $0.ranks = 9
      }, severity: .warning, problem: "9 ranks share 8 cores",
      remedy: "export OMPI_MCA_mpi_yield_when_idle=1"),
    Case(
      name: "quota", change: { $0.quota = 1.5 }, severity: .warning,
      problem: "grants 1.5 of 8 cores", remedy: "mpirun -np 1 nn-dist train CONFIG"),
    Case(
      name: "memory reading", change: { $0.memoryError = 1 }, severity: .warning,
      problem: "process_vm_readv: Operation not permitted",
      remedy: "export OMPI_MCA_btl_vader_single_copy_mechanism=none"),
    Case(
      name: "ptrace", change: { $0.ptraceScope = 2 }, severity: .warning,
      problem: "ptrace_scope 2",
      remedy: "export OMPI_MCA_btl_vader_single_copy_mechanism=none"),
    Case(
      name: "shared memory", change: { $0.sharedMemory = 1 << 20 }, severity: .warning,
      problem: "/dev/shm has 1.0 MB free, and 8 ranks need 67 MB",
      remedy: "export OMPI_MCA_btl_vader_backing_directory=/tmp"),
    Case(
      name: "no shared memory", change: { $0.sharedMemory = nil }, severity: .warning,
      problem: "/dev/shm is missing", remedy: "export OMPI_MCA_btl_vader_backing_directory=/tmp"),
    Case(
      name: "locks", change: { $0.lockError = 37 }, severity: .error(.cannotCreate),
      problem: "cannot be locked: No locks available",
      remedy: "export HDF5_USE_FILE_LOCKING=FALSE; nn-dist train CONFIG --run /a/local/disk"),
    Case(
      name: "permission", change: { $0.creationError = 13 }, severity: .error(.noPermission),
      problem: "no run can be written to 'runs': Permission denied",
      remedy: "nn-dist train CONFIG --run /a/place/of/yours"),
    Case(
      name: "read-only", change: { $0.creationError = 30 }, severity: .error(.cannotCreate),
      problem: "Read-only file system", remedy: "nn-dist train CONFIG --run /a/place/of/yours"),
    Case(
      name: "OpenBLAS",
      change: { $0.openBLAS = Facts.OpenBLASFacts(kernels: "Haswell", suitable: "SkylakeX") },
      severity: .warning, problem: "kernels for Haswell where those for SkylakeX suit",
      remedy: "export OPENBLAS_CORETYPE=SkylakeX"),
  ]

  @Test(arguments: cases) func each(_ example: Case) {
    var facts = Self.sound
    example.change(&facts)
    #expect(facts.findings.count == 1, "\(facts.findings)")
    guard let finding = facts.findings.first else { return }
    #expect(finding.severity == example.severity)
    #expect(finding.problem.contains(example.problem), "\(finding)")
    #expect(finding.remedy == example.remedy)
    #expect(!finding.problem.contains("\n") && !finding.remedy.contains("\n"))
  }

  /// Whoever has pasted the line is not told again.
  @Test(arguments: [
    ("OMPI_MCA_mpi_yield_when_idle", "1"), ("OMPI_MCA_btl_vader_single_copy_mechanism", "none"),
    ("OMPI_MCA_btl_vader_backing_directory", "/tmp"),
  ])
  func remediesHelp(name: String, value: String) {
    var facts = Self.sound
    facts.isLaunched = true
    facts.ranks = 9
    facts.memoryError = 1
    facts.sharedMemory = 0
    let before = facts.findings.count
    facts.environment[name] = value
    #expect(before == 3 && facts.findings.count == 2)
  }

  @Test func namesOfTheSameKernels() {
    var facts = Self.sound
    facts.openBLAS = Facts.OpenBLASFacts(kernels: "Zen", suitable: "Haswell")
    #expect(facts.findings.isEmpty)
    facts.openBLAS = Facts.OpenBLASFacts(kernels: "Nehalem", suitable: nil)
    #expect(facts.findings.isEmpty)
  }

  @Test func theWorstComesFirst() {
    var facts = Self.sound
    facts.isRoot = true
    facts.lockError = 37
    facts.quota = 2
    #expect(facts.findings.map(\.severity) == [.error(.cannotCreate), .warning, .note])
  }

  // MARK: The real ones

  @Test func thisMachine() throws {
    let facts = Facts.gather(try Communicator.start(), runs: "/tmp/none/at/all")
    #expect(facts.cores >= 1 && 1...facts.cores ~= facts.allowedCores)
    #expect(facts.runs == "/tmp/none/at/all" && facts.creationError == 0)
    #expect(!facts.isLaunched && facts.ranks == 1)
    #expect(Facts.gather(try Communicator.start(), runs: "/proc/runs").creationError != 0)
  }
}
