package import Diagnostics

/// The launcher that started this process, as read from environment variables.
package struct Launcher {
  /// Whether an MPI launcher started the process, so that MPI must be initialised.
  package let startsMPI: Bool
  /// The number of processes of the job; 1 if unknown.
  package let tasks: Int
  /// The index of this process among them.
  package let task: Int

  package init(environment: (String) -> String? = environmentVariable) {
    startsMPI = ["OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_RANK"].contains {
      environment($0) != nil
    }
    // The innermost launcher counts: mpirun -np 1 within a Slurm job of four tasks is one process.
    let names = ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE"]
    let slurm = environment("SLURM_PROCID") == nil ? [] : ["SLURM_NTASKS"]
    tasks = (names + slurm).compactMap { environment($0).flatMap { Int($0) } }.first ?? 1
    task =
      ["OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "SLURM_PROCID"]
      .compactMap { environment($0).flatMap { Int($0) } }.first ?? 0
  }

  /// Throws if the launcher started several processes but each is alone in `MPI_COMM_WORLD`.
  package func checkSize(_ size: Int) throws(Failure) {
    guard size == 1, tasks > 1 else { return }
    throw Failure(
      .disagreement,
      "the launcher started \(tasks) tasks, but MPI sees one process; use 'srun --mpi=pmix "
        + "nn-dist ...' or, in a batch script, 'mpirun nn-dist ...'")
  }
}
