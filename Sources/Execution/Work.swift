/// Counts what compiling looks at, so that tests see how it grows with a program.
final class Work {
  var visits = 0
}
