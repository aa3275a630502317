import Datasets
import Diagnostics
import Execution
import Foundation
import Graphs
import Networks
import TestSupport
import Testing

import Training

/// Texts of networks with their first weights.
@Suite struct TextSamplerTests {
  private static let layers = "[{embedding: {size: 9}}, {lstm: 12}, {dense: 26}]"

  private func experiment(
    _ layers: String = layers, engine: Engine = .standard
  ) throws -> Experiment {
    try Experiment(
      RunConfiguration(
        text: """
          name: sentences
          engine: \(engine.rawValue)
          data: {dataset: sentences, steps: 12, train_samples: 40, test_samples: 8, batch: 8}
          model: \(layers)
          loss: cross_entropy
          optimizer: adam
          train: {steps: 3}
          """, source: "sentences.yaml"))
  }

  private func runner(
    _ experiment: Experiment, _ state: ModelState, sequences count: Int = 1,
    watchesCells: Bool = false
  ) throws -> StepRunner {
    try unsafe StepRunner(
      experiment.network, experiment.configuration, experiment.data.training.coding,
      sequences: count, watchesCells: watchesCells
    ) {
      unsafe _ = $0.update(
        fromContentsOf: UnsafeBufferPointer(start: state.weights, count: state.count))
    }
  }

  private func sampler(
    _ choice: TokenChoice = TokenChoice(), seed: UInt64 = 1, length: Int = 60,
    watchesCells: Bool = false
  ) throws -> TextSampler {
    let experiment = try experiment()
    var settings = TextSampler.Settings(seed: seed)
    settings.choice = choice
    settings.length = length
    return try TextSampler(
      runner(experiment, ModelState(experiment), watchesCells: watchesCells), settings, of: "run")
  }

  private func texts(
    _ sampler: TextSampler, _ prompts: [String], each count: Int = 1
  ) throws -> [String] {
    try sampler.prompts(prompts.map { ($0, "--prompt") }, each: count).map { prompt in
      var text = ""
      let drawn = try sampler.continueTexts(of: [prompt]) { _, piece, _ in
        text += piece
        return true
      }
      #expect(drawn == [60] && text.count == 60)
      return text
    }
  }

  /// Networks trained without carry step through a sample to the scores of the whole of it.
  @Test(arguments: [
    layers, "[{embedding: {size: 5}}, {gru: {units: 7, initial_state: learned}}, {dense: 26}]",
    "[{embedding: {size: 6}}, {rnn: {units: 6, layers: 2, dropout: 0.3}}, {layernorm: {over: features}}, {dense: 26}, softmax]",
    "[{embedding: {size: 6}}, {lstm: {units: 6, peepholes: true}}, {residual: [{gru: 6}]}, {mgu: 8}, {dense: 26}]",
    "[{embedding: {size: 6}}, {positions: learned}, {transformer: {blocks: 2, heads: 3, causal: true}}, {dense: 26}]",
    "[{embedding: {size: 8}}, {transformer: {blocks: 1, heads: 4, kv_heads: 2, causal: true, rotary: true, norm: rmsnorm, activation: swiglu}}, {dense: 26}]",
    "[{embedding: {size: 6}}, {positions: sinusoidal}, {transformer: {blocks: 1, heads: 1, causal: true, order: post}}, {gru: 5}, {dense: 26}]",
    "[{embedding: {size: 6}}, {repeat: {times: 2, layers: [{residual: [rmsnorm, {mamba: {state: 3}}]}]}}, rmsnorm, {dense: 26}]",
  ])
  func stepsAreTheWindow(layers: String) throws {
    let experiment = try experiment(layers)
    let state = try ModelState(experiment)
    let network = experiment.network
    let runner = try runner(experiment, state)
    let answers = layers.contains("softmax")
    var parameters: [String: Tensor] = [:]
    for parameter in network.parameters {
      parameters[parameter.name] = Tensor(
        parameter.shape, state.tensors[parameter.name]?.elements ?? [])
    }
    var random = XorShift(seed: 2)
    let tokens = (0..<12).map { _ in Int32(random.integer(in: 0...25)) }
    let whole = try #require(
      ReferenceEvaluator(
        network.forwardProgram(samples: 1, input: experiment.compiled.input)
      ).evaluate(
        inputs: ["samples": Tensor([1, 12], tokens.map(Double.init))], parameters: parameters
      )["outputs"]
    ).elements
    for (step, token) in tokens.enumerated() {
      let scores = unsafe Array(runner.step([token])).map(Double.init)
      let expected = Array(whole[26 * step..<26 * (step + 1)])
      // A last softmax is left to the drawing.
      let found: [Double]
      if answers {
        let powers = scores.map { exp($0) }
        found = powers.map { $0 / powers.reduce(0, +) }
      } else {
        found = scores
      }
      for (a, b) in zip(found, expected) { #expect(isClose(a, b, relative: 1e-6, absolute: 2e-6)) }
    }
  }

  /// The bits of a step of attention are those of the whole sequence.
  @Test(arguments: [
    "{positions: learned}, {transformer: {blocks: 2, heads: 4, causal: true}}",
    "{transformer: {blocks: 2, heads: 4, kv_heads: 2, causal: true, rotary: true, norm: rmsnorm, activation: swiglu}}",
    "{positions: sinusoidal}, {transformer: {blocks: 1, heads: 2, causal: true, order: post}}",
  ])
  func stepsHaveTheBitsOfTheWhole(_ blocks: String) throws {
    let experiment = try experiment(
      "[{embedding: {size: 32}}, \(blocks), {layernorm: {over: features}}, {dense: 26}]")
    let state = try ModelState(experiment)
    let program = try experiment.network.forwardProgram(
      samples: 3, input: experiment.compiled.input)
    let weights = unsafe ParameterVector(
      start: UnsafeMutablePointer(mutating: state.weights),
      layout: experiment.network.parameters.layout)
    let plan = try Engine.standard.prepare(program, parameters: weights)
    let session = try plan.makeSession(in: Arena(byteCount: plan.arenaByteCount))
    plan.packWeights()
    var random = XorShift(seed: 5)
    let tokens = (0..<36).map { _ in Int32(random.integer(in: 0...25)) }
    guard let samples = unsafe session.input("samples") else {
      Issue.record("the program reads no samples")
      return
    }
    for (place, token) in tokens.enumerated() {
      unsafe samples.storeBytes(of: token, toByteOffset: 4 * place, as: Int32.self)
    }
    unsafe session.run(RandomPosition(seed: 0, step: 0, firstSample: 0), gradient: nil)
    let whole = unsafe session.output("outputs").assumingMemoryBound(to: Float.self)
    // Sequences that began at different times go on side by side; one begins with five steps at
    // once.
    let runner = try runner(experiment, state, sequences: 3)
    #expect(runner.beginningSteps == 6)
    runner.read(beginnings: [[], [], tokens[24..<29]])
    for time in 0..<16 {
      let steps = [time, time - 3, time + 5]
      let next = steps.enumerated().map { row, step -> Int32? in
        (0..<12).contains(step) ? tokens[12 * row + step] : nil
      }
      let scores = unsafe Array(runner.step(next))
      for row in 0..<3 where next[row] != nil {
        let first = 26 * (12 * row + steps[row])
        let expected = (0..<26).map { unsafe whole[first + $0] }
        #expect(Array(scores[26 * row..<26 * (row + 1)]) == expected)
      }
    }
  }

  /// A text that fills the context goes on from its last half, and says so.
  @Test func theContextSlides() throws {
    let layers =
      "[{embedding: {size: 8}}, {transformer: {blocks: 1, heads: 2, causal: true}}, {dense: 26}]"
    let experiment = try experiment(layers)
    let state = try ModelState(experiment)
    let reader = TextReader(try runner(experiment, state))
    let alone = try runner(experiment, state)
    let tokens = (0..<40).map { Int32($0 * 7 % 26) }
    var seen: [Int32] = []
    for token in tokens {
      if seen.count == 12 {
        seen.removeFirst(6)
        alone.restart()
        for earlier in seen { unsafe _ = alone.step([earlier]) }
      }
      seen.append(token)
      let found = unsafe Array(reader.read([token]))
      #expect(unsafe Array(alone.step([token])) == found)
    }
    #expect(reader.hasSlid)
    var settings = TextSampler.Settings(seed: 1)
    settings.length = 7
    let sampler = try TextSampler(runner(experiment, state), settings, of: "run")
    let prompts = try sampler.prompts([("the ca", "--prompt")])
    _ = try sampler.continueTexts(of: prompts) { _, _, _ in true }
    #expect(sampler.contextNote?.contains("sees 12 tokens") == true)
    let failure = #expect(throws: Failure.self) {
      try sampler.prompts([("the cat sat on", "--prompt")])
    }
    #expect(
      failure?.message
        == "--prompt: expected at most 12 tokens, the context of the network, found 14: leave out "
        + "the beginning")
  }

  @Test func severalPromptsGiveTheTextsOfEach() throws {
    let prompts = ["the cat", "", "a dog "]
    let together = try texts(sampler(), prompts)
    for (prompt, text) in zip(prompts, together) {
      #expect(try texts(sampler(), [prompt]) == [text])
    }
    #expect(Set(together).count == 3)
    // Equal prompts have texts of their own, wherever they stand.
    let twice = try texts(sampler(), prompts, each: 2)
    #expect([twice[0], twice[2], twice[4]] == together && Set(twice).count == 6)
    #expect(
      try texts(sampler(), ["", "the cat", "", "a dog ", "the cat"])
        == [twice[2], twice[0], twice[3], twice[4], twice[1]])
    #expect(try texts(sampler(seed: 2), prompts) != together)
    // Without chance there is one text.
    let greedy = try texts(sampler(TokenChoice(temperature: 0)), ["the", "the"])
    #expect(greedy[0] == greedy[1])
    #expect(try texts(sampler(TokenChoice(topK: 1)), ["the"])[0] == greedy[0])
  }

  /// A recording changes no text and has the state of each token.
  @Test func recordings() throws {
    let plain = try texts(sampler(), ["the cat"])
    let sampler = try sampler(watchesCells: true)
    let prompt = try sampler.prompts([("the cat", "--prompt")])[0]
    let recording = try ActivationRecording(of: sampler, after: prompt)
    var text = ""
    _ = try sampler.continueTexts(of: [prompt], recording: recording) { _, piece, _ in
      text += piece
      return true
    }
    #expect(text == plain[0])
    #expect(recording.tokens.count == 67 && recording.best.allSatisfy { $0.count == 5 })
    #expect(recording.cells.map(\.name).sorted() == "cfghio".map { "lstm1.\($0)" })
    func values(_ name: Character) throws -> [Double] {
      let cell = try #require(recording.cells.first { $0.name == "lstm1.\(name)" })
      #expect(cell.values.count == 67 * 12)
      return cell.values.map(Double.init)
    }
    let (i, f, g, o) = try (values("i"), values("f"), values("g"), values("o"))
    let (h, c) = try (values("h"), values("c"))
    for place in h.indices {
      let before = place < 12 ? 0 : c[place - 12]
      #expect(isClose(c[place], f[place] * before + i[place] * g[place], absolute: 1e-6))
      #expect(isClose(h[place], o[place] * tanh(c[place]), absolute: 1e-6))
    }
  }

  @Test func networksThatCannotWriteAreRefused() throws {
    for (layers, part) in [
      (
        "[{embedding: {size: 4}}, {lstm: {units: 4, direction: both}}, {dense: 26}]",
        "direction: forward"
      ),
      ("[{embedding: {size: 4}}, {conv: {kernel: 3, filters: 4}}, {dense: 26}]", "several steps"),
    ] {
      let experiment = try experiment(layers)
      let error = #expect(throws: Failure.self) {
        try runner(experiment, ModelState(experiment))
      }
      #expect(error?.code == .badConfiguration)
      #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
    }
    let sampler = try sampler()
    let error = #expect(throws: Failure.self) {
      try sampler.prompts([("the cat", "--prompt"), ("cät", "p.txt:2")])
    }
    #expect(error?.code == .badData)
    #expect(error?.message.hasPrefix("p.txt:2: 'ä' at byte 1,") == true, "\(error?.message ?? "")")
  }
}
