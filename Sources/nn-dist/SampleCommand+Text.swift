internal import Checkpoints
internal import CommandLineOptions
internal import Diagnostics
internal import Files
internal import Reports
internal import Training

extension SampleCommand {
  /// Writes the prompts with what follows them, piece by piece unless it is JSON.
  func write(
    _ sampler: TextSampler, _ step: Int, _ seed: UInt64, _ found: ResolvedCheckpoint,
    _ console: Console
  ) throws(Failure) {
    let prompts = try sampler.prompts(arguments.textPrompts, each: arguments.count ?? 1)
    guard let first = prompts.first else {
      throw Failure(
        .usage, "sample needs --prompt TEXT, which may be empty, or --input FILE with prompts")
    }
    guard arguments.activations == nil || prompts.count == 1 else {
      throw Failure(
        .usage, "--activations shows one text, and \(prompts.count) were asked for: give one prompt"
      )
    }
    let recording =
      arguments.activations == nil ? nil : try ActivationRecording(of: sampler, after: first)
    if let note = found.note, !arguments.printsJSON {
      Console.standardError.print("\(found.path): \(note)")
    }
    var texts: [JSONValue] = []
    for (place, prompt) in prompts.enumerated() where console.isOpen {
      var text = ""
      var lastWrite = ContinuousClock.now
      if !arguments.printsJSON {
        console.print(part: (place > 0 ? "\n---\n" : "") + prompt.text)
      }
      let count = try sampler.continueText(of: prompt, recording: recording) { piece in
        text += piece
        // A fast network does not write each character alone.
        let now = ContinuousClock.now
        if !arguments.printsJSON, now - lastWrite > .milliseconds(10) {
          console.print(part: text)
          (text, lastWrite) = ("", now)
        }
        return console.isOpen
      }
      if !arguments.printsJSON { console.print(part: text) }
      texts.append(
        .object([
          ("prompt", .string(prompt.text)), ("text", .string(text)), ("tokens", .integer(count)),
        ]))
    }
    if arguments.printsJSON {
      console.print(
        JSONValue.object([
          ("checkpoint", .string(found.path)), ("step", .integer(step)),
          ("seed", .integer(Int(seed))), ("texts", .array(texts)),
        ]).description)
    } else {
      console.print(part: "\n")
    }
    if let path = arguments.activations, let recording {
      let page = ActivationPage(recording, of: sampler, after: first, title: found.path)
      try page.write(to: path)
      Console.standardError.print(
        "the activations of \(page.tokenCount.grouped) tokens: '\(path)'")
    }
  }
}

extension Arguments {
  /// The first option that is for texts only.
  var textOption: String? {
    let given = [
      ("--prompt", !prompts.isEmpty), ("--input", input != nil), ("--length", length != nil),
      ("--temperature", temperature != nil), ("--top-k", topK != nil), ("--top-p", topP != nil),
      ("--repetition-penalty", repetitionPenalty != nil), ("--stop", stop != nil),
      ("--activations", activations != nil), ("--json", printsJSON),
    ]
    return given.first(where: \.1)?.0
  }

  func textSettings(seed: UInt64) -> TextSampler.Settings {
    var settings = TextSampler.Settings(seed: seed)
    settings.choice = TokenChoice(
      temperature: temperature ?? 1, topK: topK, topP: topP,
      repetitionPenalty: repetitionPenalty ?? 1)
    settings.length = length ?? settings.length
    settings.stop = stop
    return settings
  }

  /// The texts of `--prompt`, then the lines of `--input`, each with its place.
  var textPrompts: [(text: String, source: String)] {
    get throws(Failure) {
      var texts = prompts.map { ($0, "--prompt") }
      if let input {
        var lines = try readText(input).split(
          omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        if lines.last?.isEmpty == true { lines.removeLast() }
        texts += lines.enumerated().map { (String($1), "\(input):\($0 + 1)") }
      }
      return texts
    }
  }
}
