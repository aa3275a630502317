package import Diagnostics
package import Graphs
internal import Glibc
package import Kernels

/// A way to run programs.
///
/// An engine takes a whole program, not single operations, so it can fuse operations and plan
/// memory.
package enum Engine: String, CaseIterable, Sendable {
  #if ONEDNN
    /// oneDNN for contractions, vector loops for the rest, in float32.
    case onednn
  #endif
  /// The same with OpenBLAS for contractions: slower, but available everywhere.
  case openblas
  /// The reference evaluator, in Double: slow.
  case reference

  /// The default: the fastest engine of this build.
  package static let standard = allCases[0]

  /// Makes results independent of the user's environment.
  ///
  /// Call it before the first thread starts.
  package static func prepareEnvironment() {
    _ = instructionVariables
    OpenBLAS.prepareEnvironment()
  }

  /// The environment variables that choose instructions for libraries, and their values at the
  /// start of the process, empty if they are not set.
  ///
  /// They change nothing here, but show hosts that are set up differently.
  package static let instructionVariables: [(name: String, value: String)] = [
    "DNNL_MAX_CPU_ISA", "ONEDNN_MAX_CPU_ISA", "DNNL_CPU_ISA_HINTS", "ONEDNN_CPU_ISA_HINTS",
    "OPENBLAS_CORETYPE",
  ].map { name in (name, unsafe getenv(name).map { unsafe String(cString: $0) } ?? "") }

  /// The library that computes contractions, and the instructions that it uses.
  package var library: String {
    switch self {
    #if ONEDNN
      case .onednn: "oneDNN \(OneDNN.version) with \(OneDNN.instructions)"
    #endif
    case .openblas: (try? OpenBLAS.shared.kernels) ?? "no OpenBLAS"
    case .reference: "the reference engine"
    }
  }

  /// Compiles a program whose parameters are in a flat vector; gradients have the same layout.
  ///
  /// All programs of a process must have the same `isa`.
  package func prepare(
    _ program: Program, parameters: ParameterVector, isa: InstructionSet = .auto
  ) throws(Failure) -> any Executable {
    try isa.settle()
    try program.checkNumbers(onKernels: self != .reference)
    switch self {
    #if ONEDNN
      case .onednn:
        return try Plan(program, parameters: parameters, contractions: OneDNNContractions())
    #endif
    case .openblas:
      return try Plan(program, parameters: parameters, contractions: OpenBLASContractions())
    case .reference: return try ReferenceExecutable(program, parameters: parameters)
    }
  }
}

/// The parameters of a network: a range of the vector of all parameters.
@safe package struct ParameterVector: @unchecked Sendable {
  package let start: UnsafeMutablePointer<Float>
  package let count: Int
  /// Shared by all plans of these parameters.
  package let packed: PackedWeights
  /// Of all parameters.
  private let layout: TensorLayout
  private let first: Int

  /// The elements `own`, or all, of parameters that begin at `start`.
  ///
  /// Programs may read the others too.
  ///
  /// Vectors of the same memory share packed weights.
  package init(
    start: UnsafeMutablePointer<Float>, layout: TensorLayout, own: Range<Int>? = nil,
    packed: PackedWeights = PackedWeights()
  ) {
    let own = own ?? 0..<layout.count
    unsafe self.start = start + own.lowerBound
    self.layout = layout
    self.packed = packed
    count = own.count
    first = own.lowerBound
  }

  /// Call it after elements were written: plans pack these weights again before they read them.
  package func weightsChanged(_ elements: Range<Int>) {
    let start = unsafe UnsafePointer(start)
    unsafe packed.weightsChanged(start + elements.lowerBound..<start + elements.upperBound)
  }

  /// The same for all elements.
  package func weightsChanged() { weightsChanged(0..<count) }

  /// The offset of a parameter from the first of the vector's own elements.
  func offset(of name: String) throws(Failure) -> Int {
    guard let tensor = layout[name] else {
      throw Failure(.internalError, "the program's parameter '\(name)' is not in the vector")
    }
    return tensor.offset - first
  }
}

/// A compiled program, bound to the weights of this process.
package protocol Executable: AnyObject, Sendable {
  /// The bytes that each worker needs to run it for this number of shards at once.
  func arenaByteCount(shards: Int) -> Int

  /// The largest number of shards of a session, a power of two.
  var maximumShards: Int { get }

  /// The bytes of weights that loops read, those of every step.
  var loopWeightBytes: Int { get }

  /// The kernel calls in order, as text. It must be equal on all ranks.
  var listing: String { get }

  /// The plan in detail; nil if the engine has none.
  var description: PlanDescription? { get }

  /// Packs the weights that it reads and that have changed since they were packed, on all workers
  /// of the pool, with a timeline for each worker or none.
  ///
  /// Call it before sessions run, after the first was made.
  func packWeights(on pool: WorkerPool?, timelines: [Timeline])

  /// Makes a session for one worker in its arena, for a number of shards at once that is a power of
  /// two, each with this number of samples.
  func makeSession(in arena: Arena, shards: Int, of samples: Int) throws(Failure) -> any Session
}

extension Executable {
  package var arenaByteCount: Int { arenaByteCount(shards: 1) }

  package func makeSession(in arena: Arena) throws(Failure) -> any Session {
    try makeSession(in: arena, shards: 1, of: 0)
  }

  package func packWeights(on pool: WorkerPool? = nil) { packWeights(on: pool, timelines: []) }
}

/// The memory that the inputs and outputs of a program are bound to, for one shard.
package protocol Bindings: AnyObject {
  /// Where to write an input before a run; nil if the program does not read it.
  func input(_ name: String) -> UnsafeMutableRawPointer?

  /// Where to read an output after a run, in the numbers of its type. Gradients are not here.
  func output(_ name: String) -> UnsafeRawPointer
}

/// A program, ready to run on one worker.
package protocol Session: AnyObject {
  var shards: [any Bindings] { get }

  /// Sets the timeline that runs record to, or nil for none.
  func record(to timeline: Timeline?)

  /// Runs the program once for each shard.
  ///
  /// - Parameters:
  ///   - random: the position of the first shard in the random numbers.
  ///   - gradient: the vector for the sums of gradients over a balanced tree of the shards, in the
  ///     layout of the parameters.
  ///   - adding: whether they are added to the vector, with the rounding of a separate addition.
  func run(_ random: RandomPosition, gradient: UnsafeMutablePointer<Float>?, adding: Bool)

  /// Runs the program once and returns a digest of each result that its kernel calls wrote.
  func digests(
    _ random: RandomPosition, gradient: UnsafeMutablePointer<Float>
  ) -> [ResultDigest]
}

/// The digest of a result of a kernel call, to compare its bits with those on another host.
package struct ResultDigest: Equatable, Sendable {
  package let step: String
  package let digest: Digest

  package init(step: String, digest: Digest) {
    self.step = step
    self.digest = digest
  }
}

extension Session {
  /// That of the first shard.
  package func input(_ name: String) -> UnsafeMutableRawPointer? { unsafe shards[0].input(name) }
  package func output(_ name: String) -> UnsafeRawPointer { unsafe shards[0].output(name) }

  package func run(_ random: RandomPosition, gradient: UnsafeMutablePointer<Float>?) {
    unsafe run(random, gradient: gradient, adding: false)
  }
}
