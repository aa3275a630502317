@main struct NNDist {
  static func main() {}
}
