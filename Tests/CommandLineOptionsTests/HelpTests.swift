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
          init          write a configuration that trains on a file as it is
          train         train a network from a configuration file
          crossval      train and score a network on each fold of its data
          evaluate      evaluate a trained network on its test data
          predict       predict the outputs for new samples with a trained network
          sample        continue texts, or draw the samples of an adversarial run
          inspect       show the kind and contents of a file
          export        export the weights of a network for other programs
          summary       show the layers, parameters, operations and memory of a network
          gradcheck     compare gradients with finite differences
          explain       print all numbers of a training step on one sample
          bench         measure the time of training steps and of their operations
          bench-comm    measure all-reduce, and forecast steps on more ranks
          verify        verify that ranks, workers and interruptions change no bit
          diff          show the first difference between two runs
          report        write a page of a run, or of several over each other
          plot          draw curves of runs in the terminal; in a pipe, a table
          draw          draw a network: its layers, or the nodes of a small one
          plan          plan the parameters and tokens of a language model for a compute
          doctor        check this machine for problems, and show remedies
          reference     print the reference of all configuration keys, in Markdown
          data build    read a dataset's files and write its cache
          data fetch    download the files of a dataset
          data list     list the known datasets

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
        nn-dist train: train a network from a configuration file

        usage: nn-dist train CONFIG [options]

        operand:
          CONFIG                 a configuration file (YAML)

        options:
          --set KEY=VALUE        change a setting of the file; may be repeated
          --fold K/N             the K-th of N folds is the test set, such as 2/5
          --run DIR              the run directory (runs/NAME)
          --resume[=CHECKPOINT]  continue from the newest checkpoint, or from this one
          --fresh                start over; an earlier run is renamed and kept
          --allow-new-numerics   continue although hosts or isa compute other bits
          --dry-run              prepare the first step, but write nothing
          --workers N            worker threads of each rank (or NN_DIST_WORKERS)
          --timeout SECONDS      the time that a rank waits for another (60)
          --help, -h             show this text

        examples:
          nn-dist train configs/conv.yaml --set train.epochs=10
          nn-dist train iris.yaml --fold 2/5
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
