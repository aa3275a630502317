internal import Communication
internal import Datasets
internal import Diagnostics
internal import Training
internal import Glibc
@main struct NNDist {
  static func main() {
    do {
      let communicator = try Communicator.start()
      let configuration = try RunConfiguration(file: CommandLine.arguments[1], set: Array(CommandLine.arguments.dropFirst(3)))
      let experiment = try Experiment(configuration)
      let trainer = try Trainer(experiment, communicator: communicator, workers: Int(CommandLine.arguments[2])!)
      var sampler = experiment.sampler
      var best = Int.max
      func now() -> Int { var t = timespec(); clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec * 1_000_000_000 + t.tv_nsec }
      var times: [Int] = []
      for step in 0..<configuration.schedule.steps(perEpoch: sampler.stepsPerEpoch) {
        let a = now()
        let report = try trainer.step(sampler.batch(atStep: step))
        times.append(now() - a)
        if step % 50 == 0 && communicator.rank == 0 { print(step, report.loss, report.correct, report.gradientNorm) }
      }
      times.sort()
      if communicator.rank == 0 { print("median us", times[times.count/2] / 1000, "min", times[0]/1000) 
       var h: UInt64 = 0; for i in 0..<trainer.state.count { h = h &* 31 &+ UInt64(trainer.state.weights[i].bitPattern) }; print("hash", h) }
      try communicator.finish()
    } catch { print(error); exit(1) }
  }
}
