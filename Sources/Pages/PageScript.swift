/// The script of pages.
///
/// Without it a page has the same contents, but no values under the pointer.
enum PageScript {
  static let text =
    "'use strict';\n(() => {\n" + scales + charts + pointer + tables + start + "})();\n"
}
