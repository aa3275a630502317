extension Field {
  /// The name of the field of an embedded column.
  package static func name(ofColumn column: String) -> String {
    let letters = column.map { character -> Character in
      character.isASCII && (character.isLetter || character.isNumber || character == "_")
        ? character : "_"
    }
    return (letters.first?.isNumber == true ? "_" : "") + String(letters)
  }
}
