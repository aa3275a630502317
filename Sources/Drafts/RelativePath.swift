internal import Datasets

/// The way from one folder to another: `../data`; absolute where they share nothing but the root.
func relativePath(of path: String, from folder: String) -> String {
  let (to, start) = (absolute(path), absolute(folder))
  let (ends, begins) = (to.split(separator: "/"), start.split(separator: "/"))
  let common = zip(ends, begins).prefix { $0 == $1 }.count
  guard common > 0 else { return to }
  let steps = begins.dropFirst(common).map { _ in ".." } + ends.dropFirst(common)
  return steps.isEmpty ? "." : steps.joined(separator: "/")
}
