package import Diagnostics
internal import Files

/// The PNG images of a folder, or of a folder for each class, and which of them do not fit.
package struct ImageFolderSummary: Sendable {
  /// The number of images in each folder of images, in the order of their names; empty if the
  /// images are in the folder itself.
  package private(set) var classes: [(name: String, images: Int)] = []
  /// The kinds of images, the most frequent first.
  package private(set) var kinds: [(kind: Kind, images: Int)] = []
  /// What a dataset of these images would refuse: the first files, and the number of all.
  package private(set) var problems: [Problem] = []
  package private(set) var problemCount = 0

  /// What the images of a dataset have in common.
  package struct Kind: Hashable, Sendable {
    package let width: Int
    package let height: Int
    package let isColoured: Bool
  }

  package struct Problem: Sendable {
    package let file: String
    package let text: String
  }

  private static let problemLimit = 20

  package var images: Int { kinds.reduce(0) { $0 + $1.images } }

  /// Nil if a folder has no PNG file, and no folder with one.
  package init?(of root: String) throws(Failure) {
    let names = try Self.visibleNames(in: root)
    let folders = names.filter { isDirectory("\(root)/\($0)") }
    var groups: [(folder: String, names: [String])] = []
    for folder in folders {
      groups.append((folder, try Self.visibleNames(in: "\(root)/\(folder)")))
    }
    let loose = names.filter { !folders.contains($0) }
    let hasClasses = groups.contains { $0.names.contains(where: Self.isImage) }
    guard hasClasses || loose.contains(where: Self.isImage) else { return nil }

    var heads: [(file: String, kind: Kind)] = []
    func look(_ file: String) -> Bool {
      guard Self.isImage(file) else {
        add(file, "no file that ends in .png")
        return false
      }
      do throws(Failure) {
        let head = try PNGHead(of: "\(root)/\(file)")
        heads.append(
          (file, Kind(width: head.width, height: head.height, isColoured: head.isColoured)))
        return true
      } catch {
        add(file, error.message.replacing("'\(root)/\(file)': ", with: ""))
        return false
      }
    }
    for file in loose {
      if hasClasses { add(file, "not in the folder of a class") } else { _ = look(file) }
    }
    for (folder, names) in groups {
      guard hasClasses else {
        add(folder, "a folder without images")
        continue
      }
      let count = names.count { look("\(folder)/\($0)") }
      if count == 0 { add(folder, "a folder without images") }
      classes.append((folder, count))
    }
    find(heads)
  }

  /// Counts the kinds; images of another size than most, or coloured among grey ones, do not fit.
  private mutating func find(_ heads: [(file: String, kind: Kind)]) {
    var counts: [Kind: Int] = [:]
    for (_, kind) in heads { counts[kind, default: 0] += 1 }
    kinds = counts.map { ($0.key, $0.value) }.sorted {
      ($1.images, $0.kind.width, $0.kind.height, $1.kind.isColoured ? 1 : 0)
        < ($0.images, $1.kind.width, $1.kind.height, $0.kind.isColoured ? 1 : 0)
    }
    guard let usual = kinds.first?.kind else { return }
    for (file, kind) in heads {
      if (kind.width, kind.height) != (usual.width, usual.height) {
        add(file, "\(kind.size) pixels, most have \(usual.size)")
      } else if kind.isColoured, !usual.isColoured {
        add(file, "coloured, most are grey")
      }
    }
  }

  private mutating func add(_ file: String, _ text: String) {
    problemCount += 1
    if problems.count < Self.problemLimit { problems.append(Problem(file: file, text: text)) }
  }

  private static func visibleNames(in folder: String) throws(Failure) -> [String] {
    try fileNames(in: folder).filter { !$0.hasPrefix(".") }
  }

  private static func isImage(_ name: String) -> Bool { name.lowercased().hasSuffix(".png") }
}

extension ImageFolderSummary.Kind {
  /// `28x28`, the width first as `inspect` shows that of a file.
  package var size: String { "\(width)x\(height)" }
}
