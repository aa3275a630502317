internal import CommandLineOptions
internal import Communication
internal import Diagnostics
internal import Reports
internal import Surroundings

/// The command `nn-dist doctor`.
struct DoctorCommand {
  let arguments: Arguments

  func run(_ communicator: Communicator, _ console: Console) throws(Failure) -> ExitCode {
    let facts = Facts.gather(communicator, runs: arguments.runDirectory ?? "runs")
    let findings = facts.findings
    if arguments.answersInJSON {
      var description = facts.description
      description.add(
        "findings", columns: ["severity", "problem", "remedy"],
        rows: findings.map {
          [.string($0.severity.description), .string($0.problem), .string($0.remedy)]
        })
      console.print(description.json.description)
    } else {
      for line in facts.description.lines { console.print(line) }
      console.print("")
      for finding in findings {
        console.print("\(finding.severity): \(finding.problem)")
        console.print("    \(finding.remedy)")
      }
      if findings.isEmpty { console.print("nothing that hurts was found") }
    }
    return findings.lazy.compactMap(\.status).first ?? .done
  }
}

extension Finding {
  fileprivate var status: ExitCode? {
    if case .error(let code) = severity { code } else { nil }
  }
}

extension Facts {
  /// What was looked at.
  fileprivate var description: Description {
    var description = Description()
    description.add("ranks on this machine", .integer(ranks))
    description.add("cores", .integer(cores))
    description.add("cores of this process", .integer(allowedCores))
    description.add("cores granted by the control group", .number(quota))
    description.add("root", .boolean(isRoot))
    description.add("memory of others readable", .boolean(memoryError == 0))
    description.add("bytes free in /dev/shm", sharedMemory.map { .integer($0) } ?? .null)
    description.add("place of runs", .string(runs))
    description.add("files there can be locked", .boolean(creationError == 0 && lockError == 0))
    description.add("kernels of OpenBLAS", openBLAS.map { .string($0.kernels) } ?? .null)
    return description
  }
}
