/// The exit codes of `nn-dist`; where `sysexits.h` defines a number, it is used.
///
/// `mpirun` returns the code unchanged if every rank exits with the same one.
package enum ExitCode: Int32, Sendable, CaseIterable {
  case done = 0
  case usage = 64
  case badData = 65
  case noInput = 66
  case internalError = 70
  case outOfMemory = 71
  case cannotCreate = 73
  case inputOutput = 74
  case stoppedOnRequest = 75
  case disagreement = 76
  case noPermission = 77
  case badConfiguration = 78
  case notFinite = 79
}
