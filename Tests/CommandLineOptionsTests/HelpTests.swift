import CommandLineOptions
import Diagnostics
import Testing

@Suite struct HelpTests {
  @Test func overview() throws {
    #expect(
      try text(["--help"]) == """
        nn-dist trains neural networks on one machine or across a cluster.

        usage: nn-dist COMMAND ...

        commands:
          train         train a network as a configuration file says
          evaluate      score a trained network on its test data
          predict       answer for new samples with a trained network
          sample        draw samples with the generator of an adversarial run
          inspect       tell what a file is and what it holds
          export        write the weights of a network for other programs
          summary       show layers, parameters, work and memory of a network
          gradcheck     compare gradients with finite differences
          explain       print a training step on one sample, number by number
          bench         measure training steps, and where their time goes
          bench-comm    measure sums over ranks, and predict steps on more ranks
          verify        prove that ranks, workers and interruptions change no bit
          diff          find the first difference of two runs
          doctor        find what will hurt on this machine, and the remedy
          reference     print every key of a configuration, in Markdown
          data build    read a dataset's files and write its cache
          data fetch    download the files of a dataset
          data list     show the datasets that can be named

        options:
          help COMMAND  explain a command
          --help, -h    show this text
          --version     show the version

        examples:
          nn-dist train configs/conv.yaml
          mpirun -np 4 nn-dist train configs/conv.yaml
        """)
  }

  @Test func train() throws {
    #expect(
      try text(["help", "train"]) == """
        nn-dist train: train a network as a configuration file says

        usage: nn-dist train CONFIG [options]

        operand:
          CONFIG                 a configuration file (YAML)

        options:
          --set KEY=VALUE        change a setting of the file; may be repeated
          --run DIR              write the run here, not in runs/NAME
          --resume[=CHECKPOINT]  go on from the newest checkpoint, or from this one
          --fresh                start anew; an earlier run is renamed and kept
          --allow-new-numerics   go on where hosts or an isa compute other bits
          --dry-run              do everything up to the first step, write nothing
          --workers N            worker threads of each rank (or NN_DIST_WORKERS)
          --timeout SECONDS      how long a rank waits for another (60)
          --help, -h             show this text

        examples:
          nn-dist train configs/conv.yaml --set train.epochs=10
          nn-dist train configs/conv.yaml --dry-run
          mpirun -np 4 nn-dist train configs/conv.yaml --resume
        """)
  }

  @Test(arguments: Command.allCases)
  func fitsEightyColumnsAndItsExamplesParse(command: Command) throws {
    let lines = try text(["help", command.rawValue]).split(separator: "\n")
    #expect(lines.allSatisfy { $0.count <= 80 })
    let examples = lines.drop { $0 != "examples:" }.dropFirst()
    #expect(!examples.isEmpty)
    for example in examples {
      let words = example.split(separator: " ").map(String.init).drop { $0 != "nn-dist" }
      guard case .run(command, _) = try CommandLine.parse(Array(words.dropFirst())) else {
        Issue.record("\(example) does not run \(command)")
        continue
      }
    }
  }

  private func text(_ words: [String]) throws -> String {
    guard case .help(let text) = try CommandLine.parse(words) else {
      throw Failure(.usage, "not help")
    }
    return text
  }
}
