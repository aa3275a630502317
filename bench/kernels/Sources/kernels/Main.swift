/// `kernels bits` and `kernels speed [ROUNDS]`.
@main
struct Main {
  static func main() {
    OneDNN.prepare()
    let arguments = CommandLine.arguments.dropFirst()
    switch arguments.first {
    case "bits": precondition(Bits.print(), "tiles differ from scalar loops")
    case "speed": Speed.print(rounds: arguments.dropFirst().first.flatMap { Int($0) } ?? 101)
    default: print("usage: kernels bits | kernels speed [ROUNDS]")
    }
  }
}
