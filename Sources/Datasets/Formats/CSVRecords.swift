internal import Diagnostics

/// Reads the records of a CSV file (RFC 4180), one after the other.
///
/// Quotes, line breaks inside them, LF, CRLF or CR, and a byte-order mark are understood; empty
/// lines are skipped. A record stays as it is in the buffer: its fields are places of their bytes.
@safe final class CSVRecords {
  let path: String
  /// The line at which the last record began, from 1.
  private(set) var line = 0
  /// The number of fields of the last record.
  private(set) var count = 0
  private let stream: any ByteSource
  private let marks: CSVMarks
  private var nextLine: Int
  /// The bytes from `start` to `end` are not read yet; behind them is room for a mark.
  private var bytes: UnsafeMutablePointer<UInt8>
  private var capacity = 1 << 18
  private var (start, end) = (0, 0)
  private var hasEnded = false
  private var places: UnsafeMutablePointer<Place>
  private var placeCapacity = 64

  /// A field among the bytes.
  private struct Place {
    var start: UInt32
    var end: UInt32
  }

  /// Longer records come from a quote without an end.
  private static let lengthLimit = 1 << 26
  private static let fieldLimit = 1 << 20

  convenience init(_ path: String, separator: UInt8) throws(Failure) {
    try self.init(ByteStream(path), separator: separator)
  }

  /// The first record is said to be in this line of the file.
  init(_ stream: any ByteSource, separator: UInt8, firstLine: Int = 1) throws(Failure) {
    self.stream = stream
    path = stream.path
    nextLine = firstLine
    marks = CSVMarks(separator: separator)
    unsafe bytes = .allocate(capacity: capacity + CSVMarks.width)
    unsafe places = .allocate(capacity: placeCapacity)
    try fill()
    let head = unsafe UnsafeBufferPointer(start: bytes, count: min(end, 3))
    if unsafe head.elementsEqual([0xef, 0xbb, 0xbf]) { start = 3 }
    if unsafe head.starts(with: [0xff, 0xfe]) || head.starts(with: [0xfe, 0xff]) {
      throw stream.damaged("holds UTF-16, expected UTF-8: save the table as UTF-8")
    }
  }

  /// The share of the file's bytes that have been read; nil where the end is not known.
  var share: Double? { stream.share }

  deinit {
    unsafe bytes.deallocate()
    unsafe places.deallocate()
  }

  /// Reads the next record; false at the end.
  func next() throws(Failure) -> Bool {
    let last = line
    repeat {
      line = nextLine
      while true {
        if start == end, hasEnded {
          line = last
          return false
        }
        if try findFields() { break }
        try fill()
      }
    } while unsafe count == 1 && places[0].start == places[0].end
    return true
  }

  /// A field of the last record, until the next one is read.
  @inline(__always)
  subscript(field: Int) -> CSVField {
    precondition(field < count)
    let place = unsafe places[field]
    return unsafe CSVField(
      UnsafeBufferPointer(start: bytes + Int(place.start), count: Int(place.end &- place.start)))
  }

  /// The texts of all fields of the last record.
  var texts: [String] { (0..<count).map { self[$0].text } }

  /// A failure at the last record.
  func failure(_ problem: String) -> Failure { Failure(.badData, "\(path):\(line): \(problem)") }

  /// Finds the fields of the record at `start`; false if its end is not in the buffer.
  private func findFields() throws(Failure) -> Bool {
    let (bytes, end) = unsafe (bytes, end)
    var places = unsafe places
    // A line break behind the last byte ends the search.
    unsafe bytes[end] = CSVMarks.newline
    var (fields, fieldStart, place) = (0, start, start)
    var hasQuotes = false
    search: while true {
      var found = unsafe marks.find(in: bytes + place)
      while found != 0 {
        let mark = place &+ found.trailingZeroBitCount
        found &= found &- 1
        var (fieldEnd, next) = (mark, mark)
        if unsafe bytes[mark] == CSVMarks.quote {
          guard mark == fieldStart else { throw strayQuote() }
          guard let close = unsafe closingQuote(from: mark + 1, in: bytes) else {
            if !hasEnded { return false }
            throw failure("a quote that begins here is never closed")
          }
          hasQuotes = true
          (fieldEnd, next) = (close + 1, close + 1)
          // Marks of these bytes may lie inside the quotes.
          found = 0
          if next == end, !hasEnded { return false }
          guard unsafe next == end || marks.endsField(bytes[next]) else { throw strayQuote() }
        }
        if fields == placeCapacity { unsafe places = try growPlaces() }
        unsafe places[fields] = Place(start: UInt32(fieldStart), end: UInt32(fieldEnd))
        fields += 1
        guard next < end else {
          if !hasEnded { return false }
          finish(fields, next: end, hasQuotes)
          return true
        }
        let byte = unsafe bytes[next]
        if byte == marks.separator {
          fieldStart = next + 1
          if next == mark { continue }
          place = fieldStart
          continue search
        }
        if byte == CSVMarks.carriageReturn {
          if next + 1 == end, !hasEnded { return false }
          if unsafe next + 1 < end && bytes[next + 1] == CSVMarks.newline { next += 1 }
        }
        finish(fields, next: next + 1, hasQuotes)
        return true
      }
      place &+= CSVMarks.width
    }
  }

  private func finish(_ fields: Int, next: Int, _ hasQuotes: Bool) {
    count = fields
    start = next
    nextLine += 1
    guard hasQuotes else { return }
    for field in 0..<fields { unquote(field) }
  }

  /// Leaves the quotes around a field out, and one of two inside it.
  private func unquote(_ field: Int) {
    let place = unsafe places[field]
    var (read, end) = (Int(place.start), Int(place.end))
    guard unsafe read < end && bytes[read] == CSVMarks.quote else { return }
    (read, end) = (read + 1, end - 1)
    var write = read
    unsafe places[field].start = UInt32(read)
    while read < end {
      let byte = unsafe bytes[read]
      unsafe bytes[write] = byte
      if byte == CSVMarks.newline { nextLine += 1 }
      read += byte == CSVMarks.quote ? 2 : 1
      write += 1
    }
    unsafe places[field].end = UInt32(write)
  }

  /// The quote that ends a field; nil if it is not in the buffer.
  private func closingQuote(
    from start: Int, in bytes: UnsafeMutablePointer<UInt8>
  ) -> Int? {
    var place = start
    while place < end {
      if unsafe bytes[place] == CSVMarks.quote {
        guard unsafe place + 1 < end && bytes[place + 1] == CSVMarks.quote else {
          // Another quote may follow.
          return place + 1 < end || hasEnded ? place : nil
        }
        place += 1
      }
      place += 1
    }
    return nil
  }

  private func strayQuote() -> Failure {
    failure("a quote stands inside a field: fields with quotes are quoted as a whole")
  }

  private func growPlaces() throws(Failure) -> UnsafeMutablePointer<Place> {
    guard placeCapacity < Self.fieldLimit else {
      throw failure("the record has more than \(Self.fieldLimit.grouped) fields")
    }
    unsafe places = places.moved(placeCapacity, toCapacity: 2 * placeCapacity)
    placeCapacity *= 2
    return unsafe places
  }

  /// Reads on behind the bytes that are not read yet.
  private func fill() throws(Failure) {
    let unread = end - start
    if unread == capacity {
      guard unread < Self.lengthLimit else {
        throw failure("the record is longer than \(Self.lengthLimit.asBytes)")
      }
      unsafe bytes = bytes.moved(capacity, toCapacity: 2 * capacity + CSVMarks.width)
      capacity *= 2
    } else if start > 0 {
      unsafe bytes.update(from: bytes + start, count: unread)
    }
    (start, end) = (0, unread)
    let rest = unsafe UnsafeMutableRawBufferPointer(start: bytes + end, count: capacity - end)
    let read = try unsafe stream.read(rest)
    end += read
    hasEnded = read < rest.count
  }
}

extension UnsafeMutablePointer where Pointee: BitwiseCopyable {
  /// The elements in larger memory; this one is given back.
  fileprivate func moved(_ count: Int, toCapacity capacity: Int) -> Self {
    let larger = Self.allocate(capacity: capacity)
    unsafe larger.update(from: self, count: count)
    unsafe deallocate()
    return unsafe larger
  }
}
