/// A colour of a picture.
public struct Color: Hashable, Sendable {
  /// From 0 to 1.
  public let red, green, blue: Double

  /// A colour from its parts, each from 0 to 1.
  public init(red: Double, green: Double, blue: Double) {
    self.red = red
    self.green = green
    self.blue = blue
  }

  private init(_ rgb: UInt32) {
    let parts = [16, 8, 0].map { Double(rgb >> $0 & 255) / 255 }
    self.init(red: parts[0], green: parts[1], blue: parts[2])
  }

  /// Red.
  public static let red = Color(0xD7_3A3A)
  /// Orange.
  public static let orange = Color(0xE0_7B1F)
  /// Yellow.
  public static let yellow = Color(0xD9_A514)
  /// Green.
  public static let green = Color(0x2E_9A4F)
  /// Mint.
  public static let mint = Color(0x2B_B59A)
  /// Teal.
  public static let teal = Color(0x1F_8A99)
  /// Cyan.
  public static let cyan = Color(0x2A_A5CF)
  /// Blue.
  public static let blue = Color(0x2B_6CC4)
  /// Indigo.
  public static let indigo = Color(0x52_4FC2)
  /// Purple.
  public static let purple = Color(0x8E_4BB8)
  /// Pink.
  public static let pink = Color(0xD6_4585)
  /// Brown.
  public static let brown = Color(0x8F_6A48)
  /// Gray.
  public static let gray = Color(0x7A_828C)
  /// Black.
  public static let black = Color(0x1C_2126)
  /// White.
  public static let white = Color(0xFF_FFFF)

  /// Distinct colours for layers.
  static let palette: [Color] = [
    red, orange, yellow, green, teal, blue, indigo, purple, pink, brown,
  ]
}
