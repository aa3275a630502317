/// The commands of `nn-dist`.
package enum Command: String, CaseIterable, CustomStringConvertible, Sendable {
  case `init`, train, crossval, evaluate, predict, sample, inspect, export, summary, gradcheck
  case explain, bench
  case benchComm = "bench-comm"
  case verify, diff, report, plot, draw, plan, doctor, reference
  case dataBuild = "data build"
  case dataFetch = "data fetch"
  case dataList = "data list"

  package var description: String { rawValue }

  /// The operands, options and help of the command, for parsing, help and suggestions.
  package var syntax: Syntax {
    switch self {
    case .`init`:
      Syntax(
        "write a configuration that trains on a file as it is", .samples,
        [.target, .draft, .force, .json],
        examples: [
          "nn-dist init houses.csv",
          "nn-dist init houses.csv --target price --output configs/houses.yaml",
          "nn-dist init photos.h5",
          "nn-dist init pictures/",
        ])
    case .train:
      Syntax(
        "train a network from a configuration file", .configuration,
        [.set, .fold, .run, .resume, .fresh, .allowNewNumerics, .dryRun, .workers, .timeout],
        examples: [
          "nn-dist train configs/conv.yaml --set train.epochs=10",
          "nn-dist train iris.yaml --fold 2/5",
          "nn-dist train configs/conv.yaml --dry-run",
          "mpirun -np 4 nn-dist train configs/conv.yaml --resume",
        ])
    case .crossval:
      Syntax(
        "train and score a network on each fold of its data", .configuration,
        [
          .set, .folds, .repeats, .foldsFolder, .freshFolds, .allowNewNumerics, .workers, .timeout,
          .json,
        ],
        examples: [
          "nn-dist crossval iris.yaml",
          "nn-dist crossval iris.yaml --folds 10 --repeats 3 --set data.split=stratified",
          "mpirun -np 4 nn-dist crossval iris.yaml --json",
        ])
    case .evaluate:
      Syntax(
        "evaluate a trained network on its test data", .model,
        [
          .set, .last, .split, .answeredInput, .arrayName, .answers, .metrics, .bootstrap, .beam,
          .data, .imageOffset,
          .layout, .release, .storedStatistics, .from, .workers, .timeout, .json,
        ],
        examples: [
          "nn-dist evaluate runs/conv",
          "nn-dist evaluate runs/conv --split validation",
          "nn-dist evaluate runs/induction-mamba --set data.steps=1024",
          "nn-dist evaluate runs/houses --input houses.csv",
          "nn-dist evaluate runs/wine --metrics f1_macro,auc --bootstrap 2000",
          "nn-dist evaluate runs/mnist-conv --from /data/mnist --json",
          "nn-dist evaluate model.smodel --data mnist --image-offset 19",
        ])
    case .predict:
      Syntax(
        "predict the outputs for new samples with a trained network", .model,
        [
          .input, .predictions, .force, .horizon, .beam, .arrayName, .layer, .last, .layout,
          .release, .storedStatistics, .workers, .timeout, .json,
        ],
        examples: [
          "nn-dist predict runs/conv --input photo.png",
          "nn-dist predict runs/houses --input houses.csv --json",
          "mpirun -np 4 nn-dist predict runs/houses --input all.csv --output prices.csv",
          "cut -d, -f2- all.csv | nn-dist predict runs/houses --input -",
          "nn-dist predict runs/load --horizon 24",
          "nn-dist predict runs/dates --input dates.txt --beam 4",
          "nn-dist predict runs/photos --input new.h5 --name photos/x",
          "nn-dist predict model.smodel --input photo.png",
        ])
    case .sample:
      Syntax(
        "continue texts, or draw the samples of an adversarial run", .trained,
        [
          .prompt, .prompts, .length, .temperature, .topK, .topP, .repetitionPenalty, .stop,
          .activations, .samplesFile, .count, .seed, .last, .force, .json,
        ],
        examples: [
          "nn-dist sample runs/shakespeare --prompt ROMEO: --temperature 0.8",
          "nn-dist sample runs/shakespeare --prompt=A --activations cells.html",
          "nn-dist sample runs/wgan-gp-mnist --out grid.png",
          "nn-dist sample runs/wgan-gp-toy --count 2000 --seed 7 --out points.svg",
        ])
    case .inspect:
      Syntax(
        "show the kind and contents of a file", .file, [.last, .layout, .release, .json],
        examples: [
          "nn-dist inspect runs/conv/checkpoints/step-000000471.h5",
          "nn-dist inspect runs/conv/model.smodel",
          "nn-dist inspect data/mnist/train-images-idx3-ubyte.gz",
          "nn-dist inspect photos/train",
        ])
    case .export:
      Syntax(
        "export the weights of a network for other programs", .model,
        [.to, .output, .force, .last, .neuron, .layout, .release, .json],
        examples: [
          "nn-dist export runs/conv --to h5",
          "nn-dist export runs/conv --to smodel --output conv.smodel --force",
          "nn-dist export old.smodel --release 1.4.2 --to smodel --output new.smodel",
        ])
    case .doctor:
      Syntax(
        "check this machine for problems, and show remedies", nil, [.run, .json],
        examples: ["nn-dist doctor", "mpirun -np 4 nn-dist doctor"])
    case .reference:
      Syntax(
        "print the reference of all configuration keys, in Markdown", .part, [],
        examples: ["nn-dist reference", "nn-dist reference layer", "nn-dist reference conv"])
    case .summary:
      Syntax(
        "show the layers, parameters, operations and memory of a network", .configuration,
        [.set, .plan, .json],
        examples: [
          "nn-dist summary configs/conv.yaml",
          "nn-dist summary configs/conv.yaml --plan",
        ], moved: ["--svg": "nn-dist draw CONFIG --output FILE"])
    case .gradcheck:
      Syntax(
        "compare gradients with finite differences", .configuration,
        [.set, .all, .throughTime, .loopSteps, .json],
        examples: [
          "nn-dist gradcheck configs/conv.yaml",
          "nn-dist gradcheck configs/lstm-tiny.yaml --through-time",
        ])
    case .explain:
      Syntax(
        "print all numbers of a training step on one sample", .configuration,
        [.set, .sample, .tensor, .head, .full, .markdown],
        examples: [
          "nn-dist explain configs/mazur.yaml",
          "nn-dist explain configs/conv.yaml --sample 3 --tensor conv1/bias",
        ])
    case .bench:
      Syntax(
        "measure the time of training steps and of their operations", .configuration,
        [.set, .engine, .workers, .steps, .detail, .trace, .timeout, .json],
        examples: [
          "nn-dist bench configs/conv.yaml --steps 200",
          "nn-dist bench configs/conv.yaml --detail --trace trace.json",
          "mpirun -np 2 nn-dist bench configs/conv.yaml --json",
        ])
    case .verify:
      Syntax(
        "verify that ranks, workers and interruptions change no bit", .configuration,
        [.set, .ranks, .workerCounts, .steps, .launcher, .json],
        examples: [
          "nn-dist verify configs/conv.yaml",
          "nn-dist verify configs/conv.yaml --ranks 1,2,8 --workers 1 --set shards=8",
          "nn-dist verify conv.yaml --mpirun mpirun.openmpi",
        ])
    case .diff:
      Syntax(
        "show the first difference between two runs", .trained, and: .trained, [.json],
        examples: [
          "nn-dist diff runs/conv runs/conv~1",
          "nn-dist diff a/step-000000471.h5 b/step-000000471.h5",
        ])
    case .report:
      Syntax(
        "write a page of a run, or of several over each other", .runs,
        [.pageOutput, .force, .last, .from],
        examples: [
          "nn-dist report runs/conv",
          "nn-dist report runs/conv runs/conv~1 --output conv.html",
        ])
    case .plot:
      Syntax(
        "draw curves of runs in the terminal; in a pipe, a table", .runs,
        [.metric, .curveSplit, .logarithmic, .json],
        examples: [
          "nn-dist plot runs/conv",
          "nn-dist plot runs/conv runs/conv~1 --metric accuracy --split validation",
          "nn-dist plot runs/conv --metric loss --metric learning_rate --log",
          "nn-dist plot runs/conv --split step | tail",
        ])
    case .draw:
      Syntax(
        "draw a network: its layers, or the nodes of a small one", .drawn,
        [.picture, .set, .drawnSample, .layers, .last, .layout, .release],
        examples: [
          "nn-dist draw configs/unet.yaml --output unet.svg",
          "nn-dist draw runs/mlp --output mlp.svg --sample 3",
          "nn-dist draw configs/mlp.yaml --layers --output layers.svg",
          "nn-dist draw model.smodel --output model.svg",
        ])
    case .plan:
      Syntax(
        "plan the parameters and tokens of a language model for a compute", .planned,
        [
          .flops, .budget, .rankCount, .constants, .fit, .set, .latency, .bandwidth, .workers,
          .planOutput, .force, .planPicture, .timeout, .json,
        ],
        examples: [
          "nn-dist plan --flops 1e19",
          "nn-dist plan configs/char-gpt.yaml --budget 8h --ranks 4 --output new.yaml",
          "nn-dist plan --fit runs/a runs/b runs/c runs/d runs/e --output constants.json",
          "nn-dist plan --flops 1e15 --constants constants.json",
        ])
    case .benchComm:
      Syntax(
        "measure all-reduce, and forecast steps on more ranks", nil,
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
        "list the known datasets", nil, [.json], examples: ["nn-dist data list"])
    }
  }
}

/// The operands, options and help of a command.
package struct Syntax: Sendable {
  let purpose: String
  package let operands: [Operand]
  package let options: [Option]
  let examples: [String]
  /// What to type in place of options that the command had once.
  let moved: [String: String]

  init(
    _ purpose: String, _ operand: Operand?, and secondOperand: Operand? = nil, _ options: [Option],
    examples: [String], moved: [String: String] = [:]
  ) {
    self.purpose = purpose
    operands = [operand, secondOperand].compactMap(\.self)
    self.options = options
    self.examples = examples
    self.moved = moved
  }
}

/// A positional argument of a command.
package struct Operand: Sendable {
  package let name: String
  let help: String
  var isOptional = false
  /// Whether it may be given any number of times.
  var isRepeatable = false

  static let configuration = Operand(name: "CONFIG", help: "a configuration file (YAML)")
  static let dataset = Operand(
    name: "NAME|CONFIG", help: "a dataset, or a configuration file that names one")
  static let named = Operand(name: "NAME", help: "a dataset from nn-dist data list")
  static let trained = Operand(
    name: "RUN|CHECKPOINT", help: "a run directory or a checkpoint file")
  static let runs = Operand(
    name: "RUN...", help: "run directories, at least one", isRepeatable: true)
  static let model = Operand(
    name: "RUN|CHECKPOINT|MODEL", help: "a run directory, a checkpoint, a .h5 or .smodel file")
  static let drawn = Operand(
    name: "CONFIG|RUN|MODEL", help: "a configuration, a run or checkpoint, or a model file")
  static let part = Operand(
    name: "[NAME]", help: "only layer, loss, optimizer, ... (a list), or one of them",
    isOptional: true)
  static let planned = Operand(
    name: "[CONFIG|RUN...]", help: "a language model, or with --fit its finished runs",
    isOptional: true, isRepeatable: true)
  static let samples = Operand(
    name: "FILE", help: "a table (CSV), an HDF5 file or a folder of images")
  static let file = Operand(
    name: "FILE", help: "a file, a run directory or a folder of images")
}

extension Option {
  static let set = Option(
    "--set KEY=VALUE", .texts(\.overrides),
    help: "change a setting of the file; may be repeated")
  static let fold = Option(
    "--fold K/N", .setting("data.fold", \.overrides),
    help: "the K-th of N folds is the test set, such as 2/5")
  static let folds = Option(
    "--folds N", .integer(2...100_000, \.folds), help: "the number of folds (5)")
  static let repeats = Option(
    "--repeats R", .integer(1...10_000, \.repeats),
    help: "repeat with other folds and seeds (1)")
  static let foldsFolder = Option(
    "--run DIR", .text(\.runDirectory), help: "the folder of the runs (runs/NAME/crossval)")
  static let freshFolds = Option(
    "--fresh", .none(\.startsAfresh), help: "start over; earlier runs are renamed and kept")
  static let run = Option(
    "--run DIR", .text(\.runDirectory), help: "the run directory (runs/NAME)")
  static let from = Option(
    "--from DIR", .text(\.dataFolder),
    help: "the folder of the data, if the run's is gone")
  static let resume = Option(
    "--resume[=CHECKPOINT]", .resumption(\.resumption), opposite: "--fresh",
    help: "continue from the newest checkpoint, or from this one")
  static let fresh = Option(
    "--fresh", .none(\.startsAfresh), opposite: "--resume",
    help: "start over; an earlier run is renamed and kept")
  static let allowNewNumerics = Option(
    "--allow-new-numerics", .none(\.allowsNewNumerics),
    help: "continue although hosts or isa compute other bits")
  static let dryRun = Option(
    "--dry-run", .none(\.isDryRun), help: "prepare the first step, but write nothing")
  static let last = Option(
    "--last", .none(\.takesLast), help: "use the newest checkpoint of a run, not the best")
  static let layer = Option(
    "--layer NAME", .text(\.layer),
    help: "the layer whose output to predict (the first output)")
  static let input = Option(
    "--input FILE", .text(\.input),
    help: "samples: CSV, IDX, HDF5, PNG, a folder of PNG, or -")
  static let predictions = Option(
    "--output FILE", .text(\.output), help: "write predictions: .csv, .jsonl or .h5")
  static let horizon = Option(
    "--horizon N", .integer(1...100_000, \.horizon),
    help: "forecast N steps beyond the end of FILE, or of the data")
  static let beam = Option(
    "--beam N", .integer(1...1000, \.beam),
    help: "beginnings that a search for a translation follows (1)")
  static let metrics = Option(
    "--metrics NAMES", .text(\.metrics),
    help: "metrics between commas (the run's and usual ones)")
  static let pageOutput = Option(
    "--output FILE", .text(\.output),
    help: "the page (RUN/report.html; of several runs report.html)")
  static let metric = Option(
    "--metric NAME", .texts(\.metricNames),
    help: "a curve of metrics.jsonl (loss); may be repeated")
  static let curveSplit = Option(
    "--split NAME", .text(\.split),
    help: "train, validation, test or step (train and validation)")
  static let logarithmic = Option(
    "--log", .none(\.isLogarithmic), help: "a logarithmic axis")
  static let bootstrap = Option(
    "--bootstrap N", .integer(0...1_000_000, \.bootstrap),
    help: "resamples for intervals of metrics (1000); 0: none")
  static let answeredInput = Option(
    "--input FILE", .text(\.input),
    help: "samples with targets: CSV, IDX, HDF5, folders of PNG")
  static let answers = Option(
    "--answers NAME", .text(\.answers),
    help: "the IDX file or HDF5 array of the targets")
  static let split = Option(
    "--split NAME", .text(\.split), help: "train, validation or test (test)")
  static let arrayName = Option(
    "--name ARRAY", .text(\.arrayName), help: "the array of an HDF5 file, if several fit")
  static let to = Option(
    "--to FORMAT", .text(\.format),
    help: "h5, smodel for the Swift package Neuron, or checkpoint")
  static let output = Option(
    "--output FILE", .text(\.output), help: "the file to write (model.FORMAT of the run)")
  static let target = Option(
    "--target NAME", .texts(\.targets),
    help: "the column or array to predict; may be repeated")
  static let draft = Option(
    "--output CONFIG", .text(\.output), help: "the file to write (NAME.yaml)")
  static let neuron = Option(
    "--neuron N", .integer(1...2, \.generation),
    help: "smodel: write for Neuron 1 or 2 (as the layers need)")
  static let layout = Option(
    "--layout LAYOUT", .text(\.layout),
    help: "Neuron 1: dense weights are natural or permuted")
  static let release = Option(
    "--release NAME", .text(\.release),
    help: "Neuron 1: the release that wrote it: 1.4.2, 1.6, ...")
  static let storedStatistics = Option(
    "--stored-statistics", .none(\.usesStoredStatistics),
    help: "Neuron 1: batch norms use their stored statistics")
  static let data = Option(
    "--data NAME", .text(\.dataset), help: "dataset or configuration for a model file")
  static let imageOffset = Option(
    "--image-offset BYTES", .integer(16...1_000_000, \.imageOffset),
    help: "the first byte of images, as Neuron read them (16)")
  static let force = Option(
    "--force", .none(\.replaces), help: "replace an existing file")
  static let samplesFile = Option(
    "--out FILE", .text(\.samplesFile),
    help: "images (.png), points (.svg), numbers (.csv, .h5)")
  static let count = Option(
    "--count N", .integer(1...1_000_000, \.count),
    help: "samples (64), or texts for each prompt (1)")
  static let prompt = Option(
    "--prompt TEXT", .prompts(\.prompts),
    help: "a text to continue, or an empty one; may be repeated")
  static let prompts = Option(
    "--input FILE", .text(\.input), help: "prompts, one in each line")
  static let length = Option(
    "--length N", .integer(0...1_000_000_000, \.length),
    help: "the number of tokens to draw (500)")
  static let temperature = Option(
    "--temperature T", .numberIn(0...100, \.temperature),
    help: "divides the scores (1); 0 takes the greatest one")
  static let topK = Option(
    "--top-k K", .integer(1...1 << 24, \.topK), help: "draw from the K most probable tokens")
  static let topP = Option(
    "--top-p P", .numberIn(0...1, \.topP),
    help: "draw from the fewest tokens of probability P")
  static let repetitionPenalty = Option(
    "--repetition-penalty R", .number(above: 0, \.repetitionPenalty),
    help: "above 1: earlier tokens become less probable (1)")
  static let stop = Option(
    "--stop TEXT", .text(\.stop), help: "end before this text when it is drawn")
  static let activations = Option(
    "--activations FILE", .text(\.activations),
    help: "a page (.html) that colours the text by cell states")
  static let seed = Option(
    "--seed S", .integer(0...Int.max, \.seed), help: "the random seed (that of the run)")
  static let workers = Option(
    "--workers N", .integer(1...1024, \.workers), variable: "NN_DIST_WORKERS",
    help: "worker threads of each rank")
  static let timeout = Option(
    "--timeout SECONDS", .integer(1...86_400, \.timeout),
    help: "the time that a rank waits for another (60)")
  static let ranks = Option(
    "--ranks LIST", .integers(1...65536, \.ranks), help: "numbers of ranks, such as 1,2,4")
  static let workerCounts = Option(
    "--workers LIST", .integers(1...1024, \.workerCounts), help: "numbers of workers, such as 1,2")
  static let launcher = Option(
    "--mpirun WORDS", .text(\.launcher), help: "the command that starts ranks, with its options")
  static let config = Option(
    "--config CONFIG", .text(\.configuration), help: "forecast the steps of this configuration")
  static let latency = Option(
    "--latency US", .number(above: 0, \.latency),
    help: "latency in microseconds, instead of the measured one")
  static let bandwidth = Option(
    "--bandwidth MB/S", .number(above: 0, \.bandwidth),
    help: "megabytes per second and direction, if not as measured")
  static let steps = Option(
    "--steps N", .integer(1...1_000_000, \.steps), help: "the number of steps")
  static let engine = Option(
    "--engine NAME", .setting("engine", \.overrides), help: "short for --set engine=NAME")
  static let detail = Option(
    "--detail", .none(\.showsDetail), help: "a row for each operation, not for each kind")
  static let trace = Option(
    "--trace FILE", .text(\.trace),
    help: "write a trace for chrome://tracing or ui.perfetto.dev")
  static let picture = Option(
    "--output FILE", .text(\.output), help: "the picture (.svg); - is standard output")
  static let drawnSample = Option(
    "--sample I", .integer(0...999_999_999, \.sample),
    help: "the sample whose activations are shown (0)")
  static let layers = Option(
    "--layers", .none(\.drawsLayers), help: "boxes for layers, no nodes")
  static let plan = Option(
    "--plan", .none(\.showsPlan), help: "show the instructions for a shard, and their memory")
  static let all = Option(
    "--all", .none(\.checksEveryElement), help: "check every element of every tensor")
  static let throughTime = Option(
    "--through-time", .none(\.checksThroughTime),
    help: "show the gradients that reach each recurrent step")
  static let loopSteps = Option(
    "--steps N", .integer(1...1_000_000, \.steps),
    help: "run recurrent layers over the first N steps only")
  static let sample = Option(
    "--sample I", .integer(0...999_999_999, \.sample),
    help: "the index of the training sample, from 0")
  static let tensor = Option(
    "--tensor NAME", .text(\.tensor), help: "only this tensor and its gradient, in full")
  static let head = Option(
    "--head LAYER.N", .text(\.head), help: "only head N of this attention, counted from 1")
  static let full = Option(
    "--full", .none(\.isFull),
    help: "derive softmax and cross entropy through log, sum and exp")
  static let markdown = Option(
    "--markdown", .none(\.printsMarkdown), help: "print Markdown, with formulas in LaTeX")
  static let flops = Option(
    "--flops C", .number(above: 0, \.flops), help: "the compute in operations, such as 1e19")
  static let budget = Option(
    "--budget TIME", .text(\.budget),
    help: "the time of training, such as '8 h', '30 min' or '90 s'")
  static let rankCount = Option(
    "--ranks N", .integer(1...65536, \.rankCount), help: "the ranks that will train (1)")
  static let constants = Option(
    "--constants NAME|FILE", .text(\.constants),
    help: "epoch, hoffmann, hoffmann-tex or a file (epoch)")
  static let fit = Option(
    "--fit", .none(\.fitsRuns), help: "fit the constants to finished runs")
  static let planOutput = Option(
    "--output FILE", .text(\.output), help: "write the planned CONFIG, or the fitted constants")
  static let planPicture = Option(
    "--svg FILE", .text(\.svg), help: "draw the runs of --fit and the law")
  static let json = Option("--json", .none(\.printsJSON), help: "print JSON")
}
