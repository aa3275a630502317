package import Configuration
internal import Diagnostics
internal import Files

extension Settings {
  /// Where the file or folder of a setting may be, the most likely place first: beside the
  /// configuration file that names it, or in the working folder.
  package func places(of key: String) -> [String] {
    let path = text(key)
    guard !path.hasPrefix("/"), let folder = folder(of: key), folder != "." else { return [path] }
    return ["\(folder)/\(path)", path]
  }

  /// The folder of the configuration file in which a setting stands; nil for one of the command
  /// line.
  func folder(of key: String) -> String? {
    let location = location(of: key)
    return location.line > 0 ? directoryName(location.source) : nil
  }
}
