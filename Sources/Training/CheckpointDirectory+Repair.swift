package import Checkpoints
package import Diagnostics
internal import ModelFiles

extension CheckpointDirectory {
  /// Does what a kill or a full disk left undone after a checkpoint had its name, for the run that goes
  /// on from it: the mark of the best, rotation and the export follow from the checkpoint.
  package func repair(
    _ history: RunHistory, from file: String, after step: Int, _ schedule: TrainingSchedule
  ) throws(Failure) {
    try removeOrphans()
    try rotate(best: history.bestStep, keeping: schedule.keep, sparing: step)
    guard let format = schedule.export else { return }
    try export(format, of: try best() ?? file, layout: schedule.exportLayout)
  }

  /// Leaves the weights of a checkpoint in the run directory in another form.
  func export(
    _ format: ExportFormat, of file: String, layout: WeightLayout?
  ) throws(Failure) {
    let checkpoint = try Checkpoint(opening: file)
    try checkNotMoved()
    _ = try checkpoint.export(format, to: exportPath(format), replacing: true, layout: layout)
  }
}
