import Communication
import Reports
import Testing
import Training

@Suite struct ExperimentSummaryTests {
  @Test func tellsWhatIsLearntFromWhat() throws {
    let overview = try ExperimentSummary(
      CompiledExperiment(Sample(train: "{epochs: 300}").configuration()))
    #expect(
      overview.headline
        == "sample: 150 samples of 28x28x1 in 10 classes, batches of 48, 1,200 steps (4 an epoch)")
  }

  @Test func hasARowForEachLayerAndTheSum() throws {
    let lines = try ExperimentSummary(CompiledExperiment(Sample().configuration())).layers.lines
    #expect(lines.count == 2 + 5 + 2)
    #expect(lines[3].split(separator: " ") == ["dense1", "24", "18,840", "0.038"])
    #expect(lines[8].split(separator: " ") == ["all", "19,090", "0.038"])
  }

  @Test func jsonSaysTheSame() throws {
    let compiled = try CompiledExperiment(Sample().configuration())
    let resources = try RunResources(compiled, communicator: .start(), workers: 1)
    let json = ExperimentSummary(compiled).json(resources, nil).description
    #expect(json.hasPrefix(#"{"name": "sample", "training_samples": 150, "test_samples": 70, "#))
    #expect(json.contains(#""batch": 48, "shards": 8, "steps_per_epoch": 4, "parameters": 19090"#))
    #expect(json.contains(#"{"name": "dense2", "output": [10], "parameters": 250, "flops": "#))
  }
}
