internal import Checkpoints
internal import CommandLineOptions
internal import Communication
internal import Datasets
internal import Diagnostics
internal import Files
internal import ModelFiles
internal import Reports
internal import Training

/// The command `nn-dist draw CONFIG|RUN|MODEL`.
struct DrawCommand {
  let arguments: Arguments

  func run(_ communicator: Communicator, _ console: Console) throws(Failure) -> ExitCode {
    let output = try communicator.together { () throws(Failure) in try checkedOutput(console) }
    // Standard output may be the picture.
    let quiet = output == nil ? Console.silent : console
    let kind = try communicator.broadcast(communicator.rank == 0 ? operandKind.rawValue : "")
    let picture =
      switch OperandKind(rawValue: kind) ?? .configuration {
      case .configuration: try drawConfiguration(communicator, quiet)
      case .checkpoint: try drawCheckpoint(communicator, quiet)
      case .model: try communicator.together { () throws(Failure) in try drawModel() }
      }
    if let output {
      try communicator.together { () throws(Failure) in
        if communicator.rank == 0 { try writeAtomically(picture, to: output) }
      }
    } else {
      console.print(text: picture.hasSuffix("\n") ? String(picture.dropLast()) : picture)
    }
    return .done
  }

  private enum OperandKind: String { case configuration, checkpoint, model }

  private var operandKind: OperandKind {
    let path = arguments.operand
    if StoredModel.isFile(path) { return .model }
    return isDirectory(path) || path.hasSuffix(".h5") ? .checkpoint : .configuration
  }

  /// The file of `--output`; nil for standard output, which must be no terminal unless asked for.
  private func checkedOutput(_ console: Console) throws(Failure) -> String? {
    guard arguments.sample == nil || !arguments.drawsLayers else {
      throw Failure(.usage, "--layers and --sample exclude each other: boxes show no activations")
    }
    guard let output = arguments.output else {
      guard !console.isTerminal else {
        throw Failure(
          .usage, "draw needs --output FILE, such as net.svg, or a pipe; --output - prints it here")
      }
      return nil
    }
    guard output != "-" else { return nil }
    guard output.hasSuffix(".svg") else {
      throw Failure(
        .usage,
        "--output: pictures are SVG: expected a name that ends with .svg, found "
          + quoted(output))
    }
    return output
  }

  private func drawConfiguration(
    _ communicator: Communicator, _ console: Console
  ) throws(Failure) -> String {
    let compiled = try communicator.compiledExperiment(arguments, console)
    let picture = try communicator.together { () throws(Failure) in try NetworkPicture(compiled) }
    guard try drawsNodes(of: picture, communicator) else { return picture.boxes() }
    let data = try communicator.experiment(arguments, console).data
    return try communicator.together { () throws(Failure) in
      try picture.nodes(sample(of: data))
    }
  }

  private func drawCheckpoint(
    _ communicator: Communicator, _ console: Console
  ) throws(Failure) -> String {
    try communicator.together { () throws(Failure) in try requireNoChanges() }
    return try communicator.reading(arguments.operand, arguments.choice) { found throws(Failure) in
      let picture = try communicator.together { () throws(Failure) in
        try NetworkPicture(Checkpoint(opening: found.path))
      }
      guard try drawsNodes(of: picture, communicator) else { return picture.boxes() }
      let data: Splits?
      do throws(Failure) {
        let scoring = try communicator.together { () throws(Failure) in
          try CheckpointEvaluation(Checkpoint(opening: found.path), dataFrom: found.dataFolder)
        }
        data = try communicator.splits(scoring, console)
      } catch {
        // The weights can be drawn without the data.
        guard arguments.sample == nil, communicator.isKnownToAll(error) else { throw error }
        data = nil
        if communicator.rank == 0 {
          Console.standardError.print("without activations: \(error.message)")
        }
      }
      return try communicator.together { () throws(Failure) in
        try picture.nodes(data.map { data throws(Failure) in try sample(of: data) })
      }
    }
  }

  private func drawModel() throws(Failure) -> String {
    try requireNoChanges()
    guard arguments.sample == nil else {
      throw Failure(.usage, "--sample: a model file has no data: draw the run or its configuration")
    }
    let path = arguments.operand
    let picture = try NetworkPicture(StoredModel(reading: path, arguments.modelChoices), of: path)
    return arguments.drawsLayers ? picture.boxes() : try picture.nodes(nil)
  }

  private func requireNoChanges() throws(Failure) {
    guard arguments.overrides.isEmpty else {
      throw Failure(
        .usage, "--set changes a configuration, and \(quoted(arguments.operand)) is none")
    }
  }

  /// Whether nodes are drawn and not boxes.
  private func drawsNodes(
    of picture: NetworkPicture, _ communicator: Communicator
  ) throws(Failure) -> Bool {
    try communicator.together { () throws(Failure) in
      guard arguments.sample == nil || picture.hasNodes else {
        throw Failure(
          .usage,
          "--sample: only plain lists of dense layers and activations are drawn as nodes, which "
            + "show a sample: leave it out")
      }
    }
    return picture.hasNodes && !arguments.drawsLayers
  }

  /// The sample of `--sample`, of the validation set if there is one.
  private func sample(of data: Splits) throws(Failure) -> NetworkPicture.Sample {
    let (set, name) = data.validation.map { ($0, "validation") } ?? (data.training, "training")
    let index = arguments.sample ?? 0
    guard index < set.count else {
      throw Failure(
        .usage, "--sample: the \(name) set has the samples 0 to \(set.count - 1), found \(index)")
    }
    return NetworkPicture.Sample(index, of: set, name)
  }
}
