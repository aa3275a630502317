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
    // Texts are drawn side by side and printed one after the other.
    var texts = prompts.map { _ in "" }
    var hasEnded = prompts.map { _ in false }
    var printed = 0
    var lastWrite = ContinuousClock.now
    func printPending() {
      // A fast network does not write each character alone.
      let now = ContinuousClock.now
      guard hasEnded[printed] || now - lastWrite > .milliseconds(10) else { return }
      console.print(part: texts[printed])
      (texts[printed], lastWrite) = ("", now)
      guard hasEnded[printed], printed + 1 < prompts.count else { return }
      printed += 1
      console.print(part: "\n---\n" + prompts[printed].text)
      printPending()
    }
    if !arguments.printsJSON { console.print(part: first.text) }
    let counts = try sampler.continueTexts(of: prompts, recording: recording) {
      place, piece, isLast in
      texts[place] += piece
      hasEnded[place] = isLast
      if !arguments.printsJSON, place == printed { printPending() }
      return console.isOpen
    }
    if let note = sampler.contextNote {
      Console.standardError.print("")
      Console.standardError.print(note)
    }
    let results = zip(zip(prompts, texts), counts).map { text, count in
      JSONValue.object([
        ("prompt", .string(text.0.text)), ("text", .string(text.1)), ("tokens", .integer(count)),
      ])
    }
    if arguments.printsJSON {
      console.print(
        JSONValue.object([
          ("checkpoint", .string(found.path)), ("step", .integer(step)),
          ("seed", .integer(Int(seed))), ("texts", .array(results)),
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

  /// How many texts are drawn side by side: the weights are read once for all of them.
  var textCount: Int {
    get throws(Failure) { min(16, max(1, try textPrompts.count * (count ?? 1))) }
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
