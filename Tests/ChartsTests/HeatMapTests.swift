import Charts
import Testing

@Suite struct HeatMapTests {
  @Test func equalCellsOfARowAreOneLine() {
    let map = HeatMap(rows: 2, columns: 4, values: [0, 0.5, 0.51, -1, 0, 0, 0, .nan])
    #expect(map.levels == [0, 5, 5, -10, 0, 0, 0, 0])
    #expect(
      map.svg.text
        == "<g class=\"cells\" transform=\"translate(0 0.5)\"><path class=\"n10\" d=\"M3 0h1\"/>"
        + "<path class=\"p5\" d=\"M1 0h2\"/></g>")
  }

  @Test func levelsAreBounded() {
    for (value, level) in [(2, 10), (-9, -10), (.infinity, 0), (0.049, 0), (0.051, 1)]
      as [(Float, Int)]
    {
      #expect(HeatMap.level(of: value) == level)
    }
  }
}
