internal import CommandLineOptions
internal import Communication
internal import Diagnostics
internal import Explanations
internal import Reports
internal import Training

/// The command `nn-dist explain CONFIG`.
struct ExplainCommand {
  let arguments: Arguments

  func run(_ communicator: Communicator, _ console: Console) throws(Failure) -> ExitCode {
    guard arguments.tensor == nil || arguments.head == nil else {
      throw Failure(.usage, "--tensor and --head both say what to show: leave one out")
    }
    let experiment = try communicator.experiment(arguments, console)
    let explanation = try communicator.together { () throws(Failure) in
      try experiment.explanation(
        ofSample: arguments.sample ?? 0, isFull: arguments.isFull, tensor: arguments.tensor,
        head: arguments.head)
    }
    for line in arguments.printsMarkdown ? explanation.markdown : explanation.text {
      console.print(line)
    }
    return .done
  }
}
