/// The options of all commands.
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
