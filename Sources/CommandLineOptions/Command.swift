/// What `nn-dist` can do.
package enum Command: String, CaseIterable, CustomStringConvertible, Sendable {
  case train, evaluate, predict, sample, inspect, export, summary, gradcheck, explain, bench
  case benchComm = "bench-comm"
  case verify, diff, doctor, reference
  case dataBuild = "data build"
  case dataFetch = "data fetch"
  case dataList = "data list"

  package var description: String { rawValue }

  /// The command's row of the table that drives parsing, help and suggestions.
  package var syntax: Syntax {
    switch self {
    case .train:
      Syntax(
        "train a network as a configuration file says", .configuration,
        [.set, .run, .resume, .fresh, .allowNewNumerics, .dryRun, .workers, .timeout],
        examples: [
          "nn-dist train configs/conv.yaml --set train.epochs=10",
          "nn-dist train configs/conv.yaml --dry-run",
          "mpirun -np 4 nn-dist train configs/conv.yaml --resume",
        ])
    case .evaluate:
      Syntax(
        "score a trained network on its test data", .model,
        [
          .last, .split, .answeredInput, .arrayName, .answers, .data, .imageOffset, .layout,
          .release, .storedStatistics, .from, .workers, .timeout, .json,
        ],
        examples: [
          "nn-dist evaluate runs/conv",
          "nn-dist evaluate runs/conv --split validation",
          "nn-dist evaluate runs/houses --input houses.csv",
          "nn-dist evaluate runs/mnist-conv --from /data/mnist --json",
          "nn-dist evaluate model.smodel --data mnist --image-offset 19",
        ])
    case .predict:
      Syntax(
        "answer for new samples with a trained network", .model,
        [
          .input, .arrayName, .layer, .last, .layout, .release, .storedStatistics, .workers,
          .timeout,
          .json,
        ],
        examples: [
          "nn-dist predict runs/conv --input photo.png",
          "nn-dist predict runs/houses --input houses.csv --json",
          "nn-dist predict runs/photos --input new.h5 --name photos/x",
          "nn-dist predict model.smodel --input photo.png",
        ])
    case .sample:
      Syntax(
        "draw samples with the generator of an adversarial run", .trained,
        [.samplesFile, .count, .seed, .last, .force],
        examples: [
          "nn-dist sample runs/wgan-gp-mnist --out grid.png",
          "nn-dist sample runs/wgan-gp-toy --count 2000 --seed 7 --out points.svg",
        ])
    case .inspect:
      Syntax(
        "tell what a file is and what it holds", .file, [.last, .layout, .release, .json],
        examples: [
          "nn-dist inspect runs/conv/checkpoints/step-000000471.h5",
          "nn-dist inspect runs/conv/model.smodel",
          "nn-dist inspect data/mnist/train-images-idx3-ubyte.gz",
        ])
    case .export:
      Syntax(
        "write the weights of a network for other programs", .model,
        [.to, .output, .force, .last, .neuron, .layout, .release, .json],
        examples: [
          "nn-dist export runs/conv --to h5",
          "nn-dist export runs/conv --to smodel --output conv.smodel --force",
          "nn-dist export old.smodel --release 1.4.2 --to smodel --output new.smodel",
        ])
    case .doctor:
      Syntax(
        "find what will hurt on this machine, and the remedy", nil, [.run, .json],
        examples: ["nn-dist doctor", "mpirun -np 4 nn-dist doctor"])
    case .reference:
      Syntax(
        "print every key of a configuration, in Markdown", .part, [],
        examples: ["nn-dist reference", "nn-dist reference layer", "nn-dist reference conv"])
    case .summary:
      Syntax(
        "show layers, parameters, work and memory of a network", .configuration,
        [.set, .plan, .svg, .json],
        examples: [
          "nn-dist summary configs/conv.yaml",
          "nn-dist summary configs/conv.yaml --plan",
          "nn-dist summary configs/unet.yaml --svg unet.svg",
        ])
    case .gradcheck:
      Syntax(
        "compare gradients with finite differences", .configuration, [.set, .all, .json],
        examples: ["nn-dist gradcheck configs/conv.yaml"])
    case .explain:
      Syntax(
        "print a training step on one sample, number by number", .configuration,
        [.set, .sample, .tensor, .markdown],
        examples: [
          "nn-dist explain configs/mazur.yaml",
          "nn-dist explain configs/conv.yaml --sample 3 --tensor conv1/bias",
        ])
    case .bench:
      Syntax(
        "measure training steps, and where their time goes", .configuration,
        [.set, .engine, .workers, .steps, .detail, .trace, .timeout, .json],
        examples: [
          "nn-dist bench configs/conv.yaml --steps 200",
          "nn-dist bench configs/conv.yaml --detail --trace trace.json",
          "mpirun -np 2 nn-dist bench configs/conv.yaml --json",
        ])
    case .verify:
      Syntax(
        "prove that ranks, workers and interruptions change no bit", .configuration,
        [.set, .ranks, .workerCounts, .steps, .launcher, .json],
        examples: [
          "nn-dist verify configs/conv.yaml",
          "nn-dist verify configs/conv.yaml --ranks 1,2,8 --workers 1 --set shards=8",
          "nn-dist verify conv.yaml --mpirun mpirun.openmpi",
        ])
    case .diff:
      Syntax(
        "find the first difference of two runs", .trained, and: .trained, [.json],
        examples: [
          "nn-dist diff runs/conv runs/conv~1",
          "nn-dist diff a/step-000000471.h5 b/step-000000471.h5",
        ])
    case .benchComm:
      Syntax(
        "measure sums over ranks, and predict steps on more ranks", nil,
        [.config, .set, .ranks, .latency, .bandwidth, .workers, .timeout, .json],
        examples: [
          "mpirun -np 2 nn-dist bench-comm",
          "nn-dist bench-comm --config conv.yaml --latency 50 --bandwidth 117",
          "mpirun --hostfile hosts nn-dist bench-comm --config conv.yaml",
        ])
    case .dataBuild:
      Syntax(
        "read a dataset's files and write its cache", .dataset, [.set, .json],
        examples: [
          "nn-dist data build mnist",
          "nn-dist data build configs/mnist-conv.yaml --set data.from=/data/mnist",
        ])
    case .dataFetch:
      Syntax(
        "download the files of a dataset", .named, [],
        examples: ["nn-dist data fetch mnist", "NN_DIST_DATA=/data nn-dist data fetch cifar10"])
    case .dataList:
      Syntax(
        "show the datasets that can be named", nil, [.json], examples: ["nn-dist data list"])
    }
  }
}

/// How a command is written, and what it does.
package struct Syntax: Sendable {
  let purpose: String
  /// What is named, in this order.
  package let operands: [Operand]
  package let options: [Option]
  let examples: [String]

  init(
    _ purpose: String, _ operand: Operand?, and secondOperand: Operand? = nil, _ options: [Option],
    examples: [String]
  ) {
    self.purpose = purpose
    operands = [operand, secondOperand].compactMap(\.self)
    self.options = options
    self.examples = examples
  }
}

/// What a command works on.
package struct Operand: Sendable {
  package let name: String
  let help: String
  var isOptional = false

  static let configuration = Operand(name: "CONFIG", help: "a configuration file (YAML)")
  static let dataset = Operand(
    name: "NAME|CONFIG", help: "a dataset, or a configuration file that says which")
  static let named = Operand(name: "NAME", help: "a dataset, as data list shows them")
  static let trained = Operand(
    name: "RUN|CHECKPOINT", help: "a run directory or a checkpoint file")
  static let model = Operand(
    name: "RUN|CHECKPOINT|MODEL", help: "a run directory, a checkpoint or a .smodel file")
  static let part = Operand(
    name: "[NAME]", help: "only this: layer, loss, optimizer, ... (a list), or one of them",
    isOptional: true)
  static let file = Operand(name: "FILE", help: "a file or a run directory")
}

extension Option {
  static let set = Option(
    "--set KEY=VALUE", .texts(\.overrides),
    help: "change a setting of the file; may be repeated")
  static let run = Option(
    "--run DIR", .text(\.runDirectory), help: "write the run here, not in runs/NAME")
  static let from = Option(
    "--from DIR", .text(\.dataFolder),
    help: "the folder of the data, where the run's is gone")
  static let resume = Option(
    "--resume[=CHECKPOINT]", .resumption(\.resumption), opposite: "--fresh",
    help: "go on from the newest checkpoint, or from this one")
  static let fresh = Option(
    "--fresh", .none(\.startsAfresh), opposite: "--resume",
    help: "start anew; an earlier run is renamed and kept")
  static let allowNewNumerics = Option(
    "--allow-new-numerics", .none(\.allowsNewNumerics),
    help: "go on where hosts or an isa compute other bits")
  static let dryRun = Option(
    "--dry-run", .none(\.isDryRun), help: "do everything up to the first step, write nothing")
  static let last = Option(
    "--last", .none(\.takesLast), help: "of a run, the newest checkpoint and not the best")
  static let layer = Option(
    "--layer NAME", .text(\.layer),
    help: "predict the output of this layer; left out, the first of a network's outputs")
  static let input = Option(
    "--input FILE", .text(\.input),
    help: "samples: CSV, IDX, HDF5, PNG, or a folder of PNG files")
  static let answeredInput = Option(
    "--input FILE", .text(\.input),
    help: "samples with answers: CSV, IDX, HDF5, folders of PNG")
  static let answers = Option(
    "--answers NAME", .text(\.answers),
    help: "the IDX file or HDF5 array of the answers")
  static let split = Option(
    "--split NAME", .text(\.split), help: "which of its data: train, validation or test (test)")
  static let arrayName = Option(
    "--name ARRAY", .text(\.arrayName), help: "which array of an HDF5 file, if several fit")
  static let to = Option(
    "--to FORMAT", .text(\.format), help: "h5, or smodel for the Swift package Neuron")
  static let output = Option(
    "--output FILE", .text(\.output), help: "write here, not to model.FORMAT of the run")
  static let neuron = Option(
    "--neuron N", .integer(1...2, \.generation),
    help: "smodel: write it for Neuron 1 or 2; else as layers need")
  static let layout = Option(
    "--layout LAYOUT", .text(\.layout),
    help: "dense weights of a Neuron 1 file: natural or permuted")
  static let release = Option(
    "--release NAME", .text(\.release),
    help: "which Neuron wrote a Neuron 1 file: 1.4.2, 1.6, ...")
  static let storedStatistics = Option(
    "--stored-statistics", .none(\.usesStoredStatistics),
    help: "Neuron 1's norms use what they have stored")
  static let data = Option(
    "--data NAME", .text(\.dataset), help: "dataset or configuration to score a model file on"
  )
  static let imageOffset = Option(
    "--image-offset BYTES", .integer(16...1_000_000, \.imageOffset),
    help: "where images begin: 16, or where Neuron read them")
  static let force = Option(
    "--force", .none(\.replaces), help: "replace a file that is there")
  static let samplesFile = Option(
    "--out FILE", .text(\.samplesFile),
    help: "a grid of images (.png), points (.svg), or numbers (.csv, .h5)")
  static let count = Option(
    "--count N", .integer(1...1_000_000, \.count), help: "how many samples (64)")
  static let seed = Option(
    "--seed S", .integer(0...Int.max, \.seed), help: "which ones; those of the run's own seed")
  static let workers = Option(
    "--workers N", .integer(1...1024, \.workers), variable: "NN_DIST_WORKERS",
    help: "worker threads of each rank")
  static let timeout = Option(
    "--timeout SECONDS", .integer(1...86_400, \.timeout),
    help: "how long a rank waits for another (60)")
  static let ranks = Option(
    "--ranks LIST", .integers(1...65536, \.ranks), help: "numbers of ranks, such as 1,2,4")
  static let workerCounts = Option(
    "--workers LIST", .integers(1...1024, \.workerCounts), help: "numbers of workers, such as 1,2")
  static let launcher = Option(
    "--mpirun WORDS", .text(\.launcher), help: "what starts ranks, with its options")
  static let config = Option(
    "--config CONFIG", .text(\.configuration), help: "predict the steps of this configuration")
  static let latency = Option(
    "--latency US", .number(above: 0, \.latency),
    help: "microseconds until a message arrives, if known better")
  static let bandwidth = Option(
    "--bandwidth MB/S", .number(above: 0, \.bandwidth),
    help: "megabytes a second in a direction, if known better")
  static let steps = Option(
    "--steps N", .integer(1...1_000_000, \.steps), help: "take this many steps")
  static let engine = Option(
    "--engine NAME", .setting("engine", \.overrides), help: "short for --set engine=NAME")
  static let detail = Option(
    "--detail", .none(\.showsDetail), help: "a row for each operation, not for each kind")
  static let trace = Option(
    "--trace FILE", .text(\.trace),
    help: "write a few steps for chrome://tracing or ui.perfetto.dev")
  static let svg = Option(
    "--svg FILE", .text(\.svg), help: "draw the layers, and what each of them reads")
  static let plan = Option(
    "--plan", .none(\.showsPlan), help: "show what runs for a shard, and where its values stand")
  static let all = Option(
    "--all", .none(\.checksEveryElement), help: "check every element of every tensor")
  static let sample = Option(
    "--sample I", .integer(0...999_999_999, \.sample),
    help: "which sample of the training set, counted from 0")
  static let tensor = Option(
    "--tensor NAME", .text(\.tensor), help: "only this tensor and its derivative, in full")
  static let markdown = Option(
    "--markdown", .none(\.answersInMarkdown), help: "answer in Markdown, with formulas in LaTeX")
  static let json = Option("--json", .none(\.answersInJSON), help: "answer in JSON")
}
