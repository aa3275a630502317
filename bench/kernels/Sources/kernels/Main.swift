internal import Glibc

/// `kernels bits`, `kernels sgemm`, `kernels speed [ROUNDS]`.
@main
struct Main {
  static func main() {
    OneDNN.prepare()
    let arguments = CommandLine.arguments.dropFirst()
    switch arguments.first {
    case "bits":
      if !Bits.print() { exit(1) }
    case "sgemm":
      Bits.printPeer()
    case "speed":
      Speed.print(rounds: arguments.dropFirst().first.flatMap { Int($0) } ?? 101)
    default:
      print("usage: kernels bits | kernels sgemm | kernels speed [ROUNDS]")
      exit(64)
    }
  }
}
