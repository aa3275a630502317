import Testing

/// What a person sees of `nn-dist`: the built program, run as they would run it.
///
/// One test at a time: several processes on the cores of one machine are enough.
@Suite(
  .serialized, .enabled(if: Workspace.program != nil, "build nn-dist, or set NN_DIST_BINARY"))
enum CommandTests {}
