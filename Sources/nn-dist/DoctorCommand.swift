internal import CommandLineOptions
internal import Communication
internal import Diagnostics
internal import Reports
internal import Environment

/// The command `nn-dist doctor`.
struct DoctorCommand {
  let arguments: Arguments

  func run(_ communicator: Communicator, _ console: Console) throws(Failure) -> ExitCode {
    let info = SystemInfo.current(communicator, runs: arguments.runDirectory ?? "runs")
    let issues = info.issues
    if arguments.printsJSON {
      var report = info.report
      report.add(
        "findings", columns: ["severity", "problem", "remedy"],
        rows: issues.map {
          [.string($0.severity.description), .string($0.message), .string($0.remedy)]
        })
      console.print(report.json.description)
    } else {
      for line in info.report.lines { console.print(line) }
      console.print("")
      for issue in issues {
        console.print("\(issue.severity): \(issue.message)")
        console.print("    \(issue.remedy)")
      }
      if issues.isEmpty { console.print("no problems found") }
    }
    return issues.lazy.compactMap(\.status).first ?? .done
  }
}

extension EnvironmentIssue {
  fileprivate var status: ExitCode? {
    if case .error(let code) = severity { code } else { nil }
  }
}

extension SystemInfo {
  /// The values that the checks use.
  fileprivate var report: Report {
    var report = Report()
    report.add("ranks on this machine", .integer(ranks))
    report.add("cores", .integer(cores))
    report.add("cores of this process", .integer(allowedCores))
    report.add("cores granted by the control group", .number(quota))
    report.add("root", .boolean(isRoot))
    report.add("memory of others readable", .boolean(memoryError == 0))
    report.add("bytes free in /dev/shm", sharedMemory.map { .integer($0) } ?? .null)
    report.add("place of runs", .string(runs))
    report.add("files there can be locked", .boolean(creationError == 0 && lockError == 0))
    report.add("kernels of OpenBLAS", openBLAS.map { .string($0.kernels) } ?? .null)
    return report
  }
}
