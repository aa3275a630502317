/// The style of pages: light and dark, wide and narrow, on paper.
///
/// Colours of curves can be told apart by people who are colour-blind; in pictures that are printed
/// without colours, the dashes of training tell them apart.
enum PageStyle {
  static let text = base + levels + paper

  private static let base = """
    :root {
      color-scheme: light dark;
      --paper: #ffffff; --ink: #1f252d; --faint: #5b6673; --fill: #f2f5f8; --line: #d3dae2;
      --good: #00694d; --open: #7a5200; --bad: #b3261e;
      --train: #c24e00; --validation: #0067a3; --test: #00805c; --step: #c24e00;
      --s1: #0067a3; --s2: #c24e00; --s3: #00805c; --s4: #a6397f; --s5: #806000; --s6: #2b8fcf;
      --s7: #6b4fb3; --s8: #4d5661;
      --hot: #c0341d; --cold: #0067a3; --right: 0 103 163; --wrong: 214 84 0;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --paper: #14181e; --ink: #e4e9ef; --faint: #9ba8b6; --fill: #1e252e; --line: #384350;
        --good: #4cc9a0; --open: #e5b15c; --bad: #ff8a7a;
        --train: #ff9a52; --validation: #5db5ee; --test: #3ccf9f; --step: #ff9a52;
        --s1: #5db5ee; --s2: #ff9a52; --s3: #3ccf9f; --s4: #e992c9; --s5: #e3c84a; --s6: #a7d3f2;
        --s7: #b7a2f0; --s8: #aab4bf;
        --hot: #ff6b52; --cold: #5db5ee; --right: 93 181 238; --wrong: 255 140 66;
      }
    }
    * { box-sizing: border-box; }
    html { scroll-behavior: smooth; }
    body {
      margin: 0 auto; max-width: 1320px; padding: 20px 20px 60px; background: var(--paper);
      color: var(--ink); font: 15px/1.5 system-ui, "Segoe UI", Helvetica, Arial, sans-serif;
      overflow-wrap: anywhere;
    }
    h1 { margin: 0 0 8px; font-size: 1.9rem; line-height: 1.2; }
    h2 { margin: 40px 0 12px; padding-top: 12px; border-top: 1px solid var(--line);
      font-size: 1.3rem; }
    h3 { margin: 0; font-size: 1rem; }
    p { margin: 6px 0 12px; max-width: 76ch; }
    a { color: var(--validation); }
    code, pre { font: 13px/1.5 ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; }
    code { padding: 2px 6px; border-radius: 4px; background: var(--fill); }
    pre {
      margin: 0; padding: 10px 12px; overflow: auto; max-height: 480px; border-radius: 6px;
      background: var(--fill); white-space: pre-wrap;
    }
    figure { margin: 0; min-width: 0; }
    summary { cursor: pointer; color: var(--faint); }
    button {
      font: inherit; font-size: 13px; color: inherit; padding: 1px 8px; cursor: pointer;
      border: 1px solid var(--line); border-radius: 5px; background: var(--paper);
    }
    button[aria-pressed="true"] { background: var(--fill); border-color: var(--faint); }
    :focus-visible { outline: 2px solid var(--validation); outline-offset: 2px; }
    nav { display: flex; flex-wrap: wrap; gap: 4px 16px; margin-top: 14px; }
    .outcome { display: flex; flex-wrap: wrap; gap: 6px 12px; align-items: baseline; }
    .badge { padding: 1px 10px; border: 1.5px solid; border-radius: 12px; }
    .good { color: var(--good); } .open { color: var(--open); } .bad { color: var(--bad); }
    .message { padding-left: 12px; border-left: 3px solid; }
    .about, .where, .file { color: var(--faint); font-size: 13px; }
    .cards, .legend, .notes { padding: 0; margin: 0; list-style: none; }
    .cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(46%, 180px), 1fr));
      gap: 12px; }
    .cards li { padding: 10px 14px; border: 1px solid var(--line); border-radius: 8px; }
    .cards span { display: block; color: var(--faint); font-size: 13px; }
    .cards strong { font-size: 1.5rem; font-weight: 600; }
    .notes li { padding: 4px 0 4px 12px; margin-bottom: 6px; border-left: 3px solid var(--open); }
    .charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 480px),
      1fr)); gap: 28px 32px; }
    .chart figcaption, .options { display: flex; flex-wrap: wrap; gap: 4px 10px;
      align-items: baseline; }
    .options { margin-bottom: 14px; }
    .tools { margin-left: auto; display: flex; gap: 4px; }
    .legend { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 250px),
      1fr)); gap: 0 12px; font-size: 13px; }
    .legend li { display: flex; align-items: baseline; gap: 6px; min-width: 0; height: 22px;
      white-space: nowrap; }
    .legend button { min-width: 0; overflow: hidden; text-overflow: ellipsis; border: 0;
      padding: 0 2px; background: none; }
    .legend .key { margin-right: 6px; } .legend output { flex: none; }
    .legend button[aria-pressed="false"] { text-decoration: line-through; color: var(--faint); }
    .key { display: inline-block; width: 18px; height: 0; vertical-align: middle;
      border-top: 3px solid var(--c); }
    .key.dashed { border-top-style: dashed; }
    .at { color: var(--faint); font-size: 13px; height: 20px; overflow: hidden; }
    output, td { font-variant-numeric: tabular-nums; }
    output .tail { color: var(--faint); font-size: 11px; }
    svg.plot, svg.scatter { display: block; width: 100%; height: auto; max-width: 100%; }
    svg.plot { touch-action: pan-y; cursor: crosshair; }
    svg.plot .curves { pointer-events: none; }
    .plot text, .scatter text, .heat text { font: 12px system-ui, "Segoe UI", Helvetica, Arial,
      sans-serif; fill: var(--faint); }
    .ticks.x text, .unit { text-anchor: middle; } .ticks.y text { text-anchor: end; }
    .unit.start { text-anchor: start; }
    .grid { fill: none; stroke: var(--line); stroke-width: 1; }
    .diagonal { stroke: var(--faint); stroke-dasharray: 4 4; }
    .curve { fill: none; stroke: var(--c); stroke-width: 2; stroke-linejoin: round;
      stroke-linecap: round; vector-effect: non-scaling-stroke; }
    .curve.dashed { stroke-dasharray: 6 4; stroke-width: 1.6; }
    .curve.step, .curve.step-line { stroke-width: 1; stroke-opacity: .4; } .key.step { opacity: .45;
      }
    .curve.smooth { stroke-width: 1.8; stroke-opacity: 1; }
    .dots { fill: none; stroke: var(--c); stroke-width: 5; stroke-linecap: round; }
    .dots.step { stroke-opacity: .4; stroke-width: 3; }
    .scatter .dots { stroke-width: 4.5; stroke-opacity: .6; }
    .train { --c: var(--train); } .validation { --c: var(--validation); } .test { --c: var(--test);
      }
    .step { --c: var(--step); } .s1 { --c: var(--s1); } .s2 { --c: var(--s2); } .s3 {
      --c: var(--s3); }
    .s4 { --c: var(--s4); } .s5 { --c: var(--s5); } .s6 { --c: var(--s6); } .s7 { --c: var(--s7); }
    .s8 { --c: var(--s8); }
    .marker { fill: var(--c); stroke: var(--paper); stroke-width: 1.5; }
    .cursor { stroke: var(--faint); stroke-width: 1; }
    .selection { fill: var(--validation); fill-opacity: .15; stroke: var(--validation); }
    .ring { fill: none; stroke: var(--c); stroke-width: 1.5; }
    .heat .names text { font-size: 9px; text-anchor: middle; } .heat .names.rows text,
      .heat .names.upright text { text-anchor: end; }
    .picked { fill: none; stroke: var(--ink); stroke-width: 1.5; }
    .tip {
      position: fixed; z-index: 9; pointer-events: none; padding: 3px 8px; border-radius: 5px;
        max-width: 90vw;
      background: var(--ink); color: var(--paper); font-size: 13px;
        font-variant-numeric: tabular-nums;
    }
    .spoken { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
      }
    .wide { overflow-x: auto; max-width: 100%; }
    table { border-collapse: collapse; font-size: 13px; margin: 8px 0; }
    caption { text-align: left; color: var(--faint); }
    th, td { padding: 3px 10px; text-align: right; border-bottom: 1px solid var(--line);
      white-space: nowrap; }
    th:first-child { text-align: left; } thead th { color: var(--faint); font-weight: 600;
      vertical-align: bottom; }
    .wide th:first-child { position: sticky; left: 0; background: var(--paper); }
    .compare td, .compare th { max-width: 320px; overflow: hidden; text-overflow: ellipsis; }
    .best { font-weight: 700; color: var(--good); }
    th button { border: 0; padding: 0; background: none; font-weight: 600; font-size: 13px; }
    th[aria-sort="ascending"] button::after { content: " \\2191"; }
    th[aria-sort="descending"] button::after { content: " \\2193"; }
    .spark { width: 160px; height: 28px; display: block; } .spark .curve { stroke-width: 1.5; }
    .confusion td { min-width: 42px; padding: 6px; border: 1px solid var(--paper);
      text-align: center; }
    .confusion .none, .confusion .share { color: var(--faint); } .confusion th { border: 0; }
    .tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 150px), 1fr));
      gap: 14px; }
    .tiles.samples { grid-template-columns: repeat(auto-fill, minmax(min(100%, 280px), 1fr)); }
    .tile { padding: 10px; border: 1px solid var(--line); border-radius: 8px; overflow: hidden; }
    .tile.broad { grid-column: span 2; } .texts { display: grid; gap: 12px; }
    .tile figcaption { display: flex; flex-wrap: wrap; gap: 2px 10px; align-items: baseline; }
    .picture { display: block; width: 100%; max-width: 420px; height: auto; margin-bottom: 8px;
      background: #fff; }
    .pixels { image-rendering: pixelated; }
    dl { margin: 0; font-size: 13px; width: 100%; }
    dl div { display: flex; gap: 8px; justify-content: space-between;
      border-bottom: 1px solid var(--line); }
    dt { flex: none; color: var(--faint); white-space: nowrap; max-width: 50%; overflow: hidden;
      text-overflow: ellipsis; } dd { margin: 0; text-align: right; }
    dl .long { display: block; } .long dd { text-align: left; white-space: pre-wrap;
      font-family: ui-monospace, "DejaVu Sans Mono", monospace; }
    .row { max-height: 240px; overflow: auto; margin-bottom: 8px; }
    .facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 330px), 1fr));
      gap: 0 24px; margin: 8px 0 20px; }
    .runs { margin: 0; padding: 0; list-style: none; }
    .runs li { display: flex; flex-wrap: wrap; gap: 4px 10px; align-items: center; padding: 3px 0; }
    .film { margin-bottom: 16px; max-width: 520px; } .film .picture { max-width: 500px; }
    .film figcaption { gap: 10px; } .film input { flex: 1; min-width: 120px; }
    .options label { display: flex; gap: 6px; align-items: center; }
    .pairs { max-width: 460px; }
    .maps { display: grid; gap: 20px; }
    .heat { display: block; max-width: none; } .heat.square { width: 100%; max-width: 720px; }
    .ground { fill: var(--paper); stroke: var(--line); stroke-width: 1;
      vector-effect: non-scaling-stroke; }
    .cells path { fill: none; stroke-width: 1; shape-rendering: crispEdges; }
    .readout { display: block; min-height: 22px; font-size: 13px; color: var(--faint); }
    .network { max-height: 90vh; overflow: auto; }
    .network svg { display: block; max-width: none; height: auto; }
    .copying { position: relative; } .copying pre { padding-right: 68px; } .copying .copy {
      position: absolute; top: 6px; right: 6px; }
    @media (max-width: 600px) {
      body { padding: 12px 12px 40px; } .tile.broad { grid-column: auto; }
      th, td { padding: 3px 6px; } h1 { font-size: 1.5rem; }
    }

    """

  /// The colours of cells, from the faintest to the strongest.
  private static let levels = (1...10).map { level in
    let share = level == 10 ? "1" : ".\(level)"
    let ground = "\(Double(level) * 5 / 100)"
    return """
      .p\(level) { stroke: var(--hot); stroke-opacity: \(share); }
      .n\(level) { stroke: var(--cold); stroke-opacity: \(share); }
      .right\(level) { background: rgb(var(--right) / \(ground)); }
      .wrong\(level) { background: rgb(var(--wrong) / \(Double(10 + level * 4) / 100)); }

      """
  }.joined()

  private static let paper = """
    @media print {
      :root {
        --paper: #ffffff; --ink: #000000; --faint: #444444; --fill: #ffffff; --line: #bbbbbb;
        --train: #c24e00; --validation: #0067a3; --test: #00805c; --step: #c24e00;
        --s1: #0067a3; --s2: #c24e00; --s3: #00805c; --s4: #a6397f; --s5: #806000; --s6: #2b8fcf;
        --s7: #6b4fb3; --s8: #4d5661; --good: #00694d; --open: #7a5200; --bad: #b3261e;
        --hot: #c0341d; --cold: #0067a3; --right: 0 103 163; --wrong: 214 84 0;
      }
      * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
      body { max-width: none; padding: 0; font-size: 11pt; }
      nav, button, input, .tip, .film, .tools, .options, .at, .readout, details:not([open]) {
        display: none; }
      .legend button { display: block; } .legend button[aria-pressed="false"] { display: none; }
      .layers td, .layers th { font-size: 8pt; padding: 2px 4px; } .layers .spark { width: 90px; }
      .layers thead th { white-space: normal; }
      .confusion td { min-width: 0; padding: 3px; } .confusion td, .confusion th { font-size: 8pt; }
      .charts { grid-template-columns: 1fr 1fr; }
      figure, tr, .cards li, .session { break-inside: avoid; } h2, h3 { break-after: avoid; }
      .curve.train { stroke-dasharray: 6 4; }
      .wide, pre { overflow: visible; max-height: none; }
      .wide svg, .network svg { max-width: 100%; height: auto; }
    }
    """
}
