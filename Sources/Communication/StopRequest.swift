internal import CLinux
package import Diagnostics
internal import Glibc
internal import Processes
internal import Synchronization

/// A request, made by a signal, to stop training after the current step.
///
/// A separate thread waits for the signals and sets a flag, so that no code is interrupted. A
/// second INT or TERM ends the process at once.
package enum StopRequest {
  private static let received = Atomic<Int32>(0)

  /// Whether a signal has requested a stop.
  package static var isRequested: Bool { received.load(ordering: .relaxed) != 0 }

  /// The name of the first signal received, such as `USR1`.
  package static var signal: String? {
    let number = received.load(ordering: .relaxed)
    return signals.first { $0.number == number }?.name
  }

  private static let taken = signals.map(\.number).filter { linux_is_ignored($0) == 0 }

  private static let signals = [
    (number: SIGHUP, name: "HUP"), (number: SIGINT, name: "INT"),
    (number: SIGUSR1, name: "USR1"), (number: SIGTERM, name: "TERM"),
  ]

  /// Starts to handle HUP, INT, USR1 and TERM; call it before any other thread starts.
  ///
  /// Threads inherit the mask of blocked signals. A signal that is ignored stays ignored, as
  /// `nohup` expects. The corresponding C functions are `pthread_sigmask` and `sigwait`.
  package static func install() throws(Failure) {
    var set = takenSet
    try unsafe check(pthread_sigmask(SIG_BLOCK, &set, nil), "pthread_sigmask")
    _ = try JoinableThread("the thread that takes signals", stop: { kill(getpid(), ending) }) {
      listen()
    }
  }

  /// The signal that ends the thread; its default action is to do nothing.
  private static var ending: Int32 { SIGURG }

  private static func listen() {
    var set = takenSet
    var interrupts = 0
    while true {
      var number: Int32 = 0
      guard unsafe sigwait(&set, &number) == 0 else { continue }
      if number == ending { return }
      _ = received.compareExchange(expected: 0, desired: number, ordering: .relaxed)
      guard number == SIGINT || number == SIGTERM else { continue }
      interrupts += 1
      if interrupts == 2 { _exit(128 + number) }
    }
  }

  private static var takenSet: sigset_t {
    var set = sigset_t()
    unsafe sigemptyset(&set)
    for number in taken + [ending] { unsafe sigaddset(&set, number) }
    return set
  }

  private static func check(_ status: Int32, _ call: String) throws(Failure) {
    guard status != 0 else { return }
    throw Failure(.internalError, "\(call) failed with error \(status)")
  }
}
