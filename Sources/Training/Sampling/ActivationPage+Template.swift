extension ActivationPage {
  /// Up to the data; the scripts have none of the characters that XML forbids in a text.
  static let head = """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8"/>
    <meta name="viewport" content="width=device-width, initial-scale=1"/>
    <title>TITLE</title>
    <style>
    :root { color-scheme: light dark; }
    body { font: 15px/1.5 system-ui, sans-serif; margin: 1.5em auto; max-width: 60em; padding: 0 1em; }
    h1 { font-size: 1.1em; }
    #text { font: 15px/1.6 ui-monospace, monospace; overflow-wrap: anywhere; white-space: pre-wrap; }
    #text span:hover { outline: 1px solid; }
    .given { border-bottom: 2px solid #888; }
    .end { opacity: 0.4; }
    #controls { display: flex; flex-wrap: wrap; gap: 0.4em 1.2em; align-items: center; }
    #units button { font: inherit; font-size: 0.85em; margin: 0.1em; }
    #tip { position: fixed; bottom: 1em; right: 1em; min-width: 12em; padding: 0.5em 0.8em;
      border: 1px solid #888; background: Canvas; white-space: pre; font: 13px/1.5 ui-monospace, monospace; }
    </style>
    </head>
    <body>
    <h1>TITLE</h1>
    <p>Of a cell, red is positive and blue negative: tanh(c), h as it is, 2g - 1 of a gate. Of a head of attention, red is
    the weight that the token under the pointer gives to itself and to those before it, in parts of the greatest; a click
    keeps the token. The text that was given is underlined.</p>
    <p id="controls">
    <label>show <select id="cell"></select></label>
    <label class="ofCell">unit <input id="unit" type="range" min="0" value="0"/> <output id="number"></output></label>
    <label class="ofCell">units by <select id="order"></select></label>
    </p>
    <p id="units" class="ofCell"></p>
    <div id="text"></div>
    <div id="tip" hidden="hidden"></div>
    <script type="application/json" id="data">
    """

  /// From the data on.
  static let tail = """
    </script>
    <script>
    const get = id => document.getElementById(id);
    const make = (parent, kind, text) => {
      const made = parent.appendChild(document.createElement(kind));
      made.textContent = text;
      return made;
    };
    const data = JSON.parse(get('data').textContent);
    const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_';
    const digit = Object.fromEntries([...digits].map((text, place) => [text, place]));
    for (const one of [...data.cells, ...data.attention]) {
      const text = one.values;
      one.values = Float32Array.from({length: text.length / 2}, (_, i) =>
        (64 * digit[text[2 * i]] + digit[text[2 * i + 1]] - 2048) * one.unit);
    }
    for (const cell of data.cells) cell.letter = cell.name.slice(-1);
    // What can be shown: cells, and heads of attention.
    const views = [...data.cells, ...data.attention.flatMap(layer => Array.from({length: layer.heads}, (_, head) =>
      ({name: `${layer.name}, head ${head + 1}`, layer, head})))];
    for (const view of views) make(get('cell'), 'option', view.name);
    const starts = [];
    data.seen.reduce((start, seen) => (starts.push(start), start + seen), 0);

    // What the activations of a unit are compared with.
    let column = 0, quoted = 0;
    const features = {'position in the line': [], 'inside quotes': [], 'white space': [],
      'capital letter': [], 'digit': []};
    for (const token of data.tokens) {
      const end = token.lastIndexOf('\\n');
      column = end == -1 ? column + token.length : token.length - 1 - end;
      if (token.split('"').length % 2 == 0) quoted = 1 - quoted;
      features['position in the line'].push(column);
      features['inside quotes'].push(quoted);
      features['white space'].push(Number(/^\\s+$/.test(token)));
      features['capital letter'].push(Number(/\\p{Lu}/u.test(token)));
      features['digit'].push(Number(/\\p{N}/u.test(token)));
    }
    const centred = numbers => {
      const mean = numbers.reduce((a, b) => a + b, 0) / numbers.length;
      return numbers.map(x => x - mean);
    };
    const dot = (a, b) => a.reduce((sum, x, i) => sum + x * b[i], 0);
    for (const name of Object.keys(features)) {
      features[name] = centred(features[name]);
      if (dot(features[name], features[name]) == 0) delete features[name];
    }
    for (const name of ['deviation', ...Object.keys(features)]) make(get('order'), 'option', name);

    const chosen = () => views[get('cell').selectedIndex];
    // The weights that the head gives at token i, and the first token that it sees.
    const weights = i => {
      const {layer, head} = chosen(), seen = data.seen[i];
      const start = layer.heads * starts[i] + head * seen;
      return {row: layer.values.subarray(start, start + seen), first: i + 1 - seen};
    };
    let focus = 0, isKept = false;
    const value = i => chosen().values[i * chosen().size + Number(get('unit').value)];
    const shade = x => {
      const letter = chosen().letter;
      const v = letter == 'c' ? Math.tanh(x) : 'ifozr'.includes(letter) ? 2 * x - 1
        : Math.max(-1, Math.min(1, x));
      return `rgba(${v > 0 ? '230, 60, 40' : '40, 110, 230'}, ${Math.abs(v).toFixed(3)})`;
    };
    const spans = data.tokens.map((token, i) => {
      const span = make(get('text'), 'span', '');
      for (const part of token.split(/(\\n)/)) {
        if (part == '\\n') make(span, 'span', '\\u21b5').className = 'end';
        span.append(part);
      }
      if (data.given > i) span.className = 'given';
      span.onmouseenter = () => {
        const best = data.best[i], rows = [`${JSON.stringify(token)}  ${chosen().name}`];
        if (chosen().layer) {
          if (!isKept) {
            focus = i;
            draw();
          }
          const {row, first} = weights(i);
          [...row].map((weight, k) => [weight, first + k]).sort((a, b) => b[0] - a[0]).slice(0, 5)
            .forEach(([weight, k]) => rows.push(
              `${(100 * weight).toFixed(1).padStart(6)} %  ${JSON.stringify(data.tokens[k])} at ${k - i}`));
        } else rows[0] += `[${get('unit').value}] = ${value(i).toFixed(3)}`;
        rows.push('next:');
        for (let k = 0; best.length > k; k += 2)
          rows.push(`${(100 * best[k + 1]).toFixed(1).padStart(6)} %  ${JSON.stringify(best[k])}`);
        get('tip').textContent = rows.join('\\n');
        get('tip').hidden = false;
      };
      span.onmouseleave = () => { get('tip').hidden = true; };
      span.onclick = () => {
        isKept = !(isKept ? focus == i : false);
        focus = i;
        if (chosen().layer) draw();
      };
      return span;
    });
    const draw = () => {
      if (chosen().layer) {
        const {row, first} = weights(focus), greatest = Math.max(...row);
        spans.forEach((span, k) => {
          span.style.background = `rgba(230, 60, 40, ${((row[k - first] ?? 0) / greatest).toFixed(3)})`;
          span.style.outline = k == focus ? '1px solid' : '';
        });
        return;
      }
      get('number').textContent = get('unit').value;
      spans.forEach((span, i) => {
        span.style.background = shade(value(i));
        span.style.outline = '';
      });
    };
    const list = () => {
      const cell = chosen(), order = get('order').value, scores = [];
      for (let unit = 0; cell.size > unit; unit += 1) {
        const own = centred(data.tokens.map((_, i) => cell.values[i * cell.size + unit]));
        const deviation = Math.sqrt(dot(own, own) / own.length);
        const feature = features[order];
        scores.push([unit, feature === undefined ? deviation
          : dot(own, feature) / (Math.sqrt(dot(own, own) * dot(feature, feature)) || 1)]);
      }
      scores.sort((a, b) => Math.abs(b[1]) - Math.abs(a[1]));
      get('units').replaceChildren();
      for (const [unit, score] of scores.slice(0, 12))
        make(get('units'), 'button', `${unit}: ${score.toFixed(2)}`).onclick = () => {
          get('unit').value = unit;
          draw();
        };
      get('unit').value = scores[0][0];
      draw();
    };
    const choose = () => {
      const isCell = chosen().layer === undefined;
      for (const part of document.querySelectorAll('.ofCell')) part.hidden = !isCell;
      if (!isCell) return draw();
      get('unit').max = chosen().size - 1;
      list();
    };
    focus = spans.length - 1;
    get('cell').selectedIndex = Math.max(0, data.cells.findIndex(cell => cell.letter == 'c'));
    get('cell').onchange = choose;
    get('order').onchange = list;
    get('unit').oninput = draw;
    choose();
    </script>
    </body>
    </html>

    """
}
