import Diagnostics
import Testing

import Communication

@Suite struct LauncherTests {
  @Test(
    arguments: [
      ([:], false, 1),
      (["OMPI_COMM_WORLD_SIZE": "4"], true, 4),
      (["PMIX_RANK": "0", "SLURM_PROCID": "0", "SLURM_NTASKS": "8"], true, 8),
      (["PMI_RANK": "1", "PMI_SIZE": "2"], true, 2),
      (["SLURM_PROCID": "3", "SLURM_NTASKS": "4"], false, 4),
      (["SLURM_NTASKS": "4"], false, 1),
      (["OMPI_COMM_WORLD_SIZE": "1", "SLURM_PROCID": "0", "SLURM_NTASKS": "4"], true, 1),
      (["OMPI_COMM_WORLD_SIZE": "many"], true, 1),
    ] as [([String: String], Bool, Int)])
  func `The nearest launcher decides`(environment: [String: String], mpi: Bool, tasks: Int) {
    let launcher = Launcher { environment[$0] }
    #expect(launcher.startsMPI == mpi)
    #expect(launcher.tasks == tasks)
  }

  @Test(
    arguments: [
      ([:], 0), (["OMPI_COMM_WORLD_RANK": "3", "SLURM_PROCID": "0"], 3), (["PMI_RANK": "1"], 1),
      (["SLURM_PROCID": "2"], 2),
    ] as [([String: String], Int)])
  func `A process has its number`(environment: [String: String], task: Int) {
    #expect(Launcher { environment[$0] }.task == task)
  }

  @Test func `Several tasks that MPI does not join are refused`() throws {
    let launcher = Launcher { ["SLURM_PROCID": "0", "SLURM_NTASKS": "4"][$0] }
    try launcher.checkSize(4)
    let failure = #expect(throws: Failure.self) { try launcher.checkSize(1) }
    #expect(failure?.code == .disagreement)
    #expect(failure?.message.contains("srun --mpi=pmix") == true)
  }
}
