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
