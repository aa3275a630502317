extension PageScript {
  /// Charts that are drawn again for the width of the window, for a part of a curve, or with a
  /// logarithmic axis.
  static let charts = #"""
    const data = JSON.parse(document.getElementById('data').textContent);
    const isOneRun = !document.querySelector('.runs');
    const margins = { left: 58, right: 24, top: 10, bottom: 38 };
    // All charts show the same steps, epochs or times.
    const view = { unit: 'step', range: null, cursor: null, hidden: new Set(), smoothing: 0 };
    const units = { step: 'step', epoch: 'epoch', time: 'time of training' };
    // The place of a step among epochs, of which each ends with a line of its own.
    const placeAmongEpochs = axis => {
      const ends = data.axes.filter(other => other.run === axis.run && !other.within)
        .reduce((best, other) => other.step.length > (best ? best.step.length : 0) ? other : best,
          null);
      if (!axis.within || !ends) return axis.within ? axis.epoch.map(epoch => epoch - 0.5) :
        axis.epoch;
      let end = 0;
      return axis.step.map((step, i) => {
        while (end < ends.step.length && ends.step[end] < step) end++;
        const last = end > 0 ? ends.step[end - 1] : 0, epoch = end > 0 ? ends.epoch[end - 1] : 0;
        const length = end < ends.step.length ? ends.step[end] - last
          : end > 1 ? last - ends.step[end - 2] : Math.max(1, last);
        const span = end < ends.step.length ? ends.epoch[end] - epoch : 1;
        return epoch + span * Math.min(1, (step - last) / length);
      });
    };
    for (const axis of data.axes) axis.places = { step: axis.step, epoch: placeAmongEpochs(axis),
      time: axis.time };
    const hasTimes = data.axes.length > 0 && data.axes.every(axis =>
      axis.time.length === axis.step.length);
    // The first place in sorted numbers that is not below a number.
    const lowerBound = (numbers, number) => {
      let low = 0, high = numbers.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (numbers[middle] < number) low = middle + 1; else high = middle;
      }
      return low;
    };

    class Chart {
      constructor(figure, spec) {
        this.figure = figure;
        this.svg = figure.querySelector('svg.plot');
        this.curves = spec.curves.map(curve => ({ ...curve, axis: data.axes[curve.axis],
          isShown: true }));
        this.isLog = false;
        this.best = spec.best;
        this.box = null;
        this.width = 0;
        this.addTools();
        this.addLegend();
        this.svg.setAttribute('tabindex', '0');
        this.svg.setAttribute('aria-roledescription', 'chart; arrow keys read its values');
        this.layers = ['frame', 'curves', 'over'].map(name => make('svg:g', { class: name }));
        for (const node of this.svg.querySelectorAll(':scope > :not(title):not(desc)'))
          node.remove();
        this.svg.append(...this.layers);
      }
      addTools() {
        const tools = make('span', { class: 'tools' });
        const button = (text, title, action) => {
          const node = make('button', { type: 'button', title,
            'aria-label': `${title}: ${this.name}` }, text);
          node.addEventListener('click', () => action(node));
          tools.append(node);
          return node;
        };
        const values = this.curves.flatMap(curve => curve.values).filter(value => value !== null);
        if (values.some(value => value > 0) && values.every(value => value >= 0)) {
          const log = button('log', 'logarithmic axis', () => {
            this.isLog = !this.isLog;
            this.box = null;
            log.setAttribute('aria-pressed', this.isLog);
            this.draw();
          });
          log.setAttribute('aria-pressed', 'false');
          log.dataset.action = 'log';
        }
        button('+', 'zoom in', () => this.zoom(0.5)).dataset.action = 'in';
        button('\u2212', 'zoom out', () => this.zoom(2)).dataset.action = 'out';
        button('reset', 'show all', () => this.reset()).dataset.action = 'reset';
        this.figure.querySelector('figcaption').append(tools);
      }
      get name() { return this.figure.querySelector('h3').textContent; }
      addLegend() {
        const legend = this.figure.querySelector('.legend');
        [...legend.children].forEach((item, i) => {
          const curve = this.curves[i];
          const button = make('button', { type: 'button', 'aria-pressed': 'true',
            title: 'show or hide' });
          button.append(...item.childNodes);
          button.addEventListener('click', () => {
            curve.isShown = !curve.isShown;
            button.setAttribute('aria-pressed', curve.isShown);
            drawAll();
          });
          curve.output = make('output', { role: 'none' });
          item.append(button, curve.output);
        });
        this.at = make('div', { class: 'at' });
        legend.after(this.at);
      }
      get shown() {
        return this.curves.filter(curve => curve.isShown && !view.hidden.has(curve.split)
          && !view.hidden.has(curve.axis.run));
      }
      xs(curve) { return curve.axis.places[view.unit]; }
      // The range of all curves: of one run in all charts, of several runs in this one.
      get full() {
        const charts = isOneRun ? page : [this];
        return this.allX ??= extent(charts.flatMap(chart => chart.shown).flatMap(curve => {
          const xs = this.xs(curve);
          return [xs[0], xs[xs.length - 1]];
        }), 0, false);
      }
      draw() {
        this.width = Math.max(240, Math.round(this.figure.clientWidth));
        this.height = 280;
        const { left, right, top, bottom } = margins, width = this.width, height = this.height;
        this.svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
        const [x0, x1] = view.range ?? this.full;
        const parts = this.shown.map(curve => {
          const xs = this.xs(curve);
          return { curve, xs, from: Math.max(0, lowerBound(xs, x0) - 1), to: Math.min(xs.length,
            lowerBound(xs, x1) + 2) };
        });
        const inside = parts.flatMap(({ curve, xs, from, to }) =>
          curve.values.slice(from, to).filter((_, i) => xs[from + i] >= x0 && xs[from + i] <= x1));
        const [y0, y1] = this.box ?? extent(inside, 0.05, this.isLog);
        const linear = (low, high, a, b) => high - low > 1e-300 ? v =>
          a + (v - low) / (high - low) * (b - a) : () => a;
        this.x = linear(x0, x1, left, width - right);
        const rise = this.isLog ? linear(Math.log10(y0), Math.log10(y1), height - bottom, top)
          : linear(y0, y1, height - bottom, top);
        this.y = this.isLog ? v => rise(Math.log10(v)) : rise;
        this.shownRange = { x: [x0, x1], y: [y0, y1] };
        const [frame, curves, over] = this.layers;
        frame.replaceChildren();
        curves.replaceChildren();
        over.replaceChildren();
        this.drawFrame(frame, x0, x1, y0, y1);
        const clip = `${this.figure.id}-clip`;
        const mask = make('svg:clipPath', { id: clip });
        mask.append(make('svg:rect', { x: left - 7, y: top - 7, width: width - left - right + 14,
          height: height - top - bottom + 14 }));
        curves.append(mask);
        const inner = make('svg:g', { 'clip-path': `url(#${clip})` });
        curves.append(inner);
        for (const { curve, xs, from, to } of parts) {
          inner.append(make('svg:path', { class: `curve ${curve.style}`,
            d: pathOf(xs, curve.values, this.x, this.y, this.isLog, from, to, 3) }));
          if (curve.axis.within && view.smoothing > 0) {
            inner.append(make('svg:path', { class: `curve smooth ${curve.style}`,
              d: pathOf(xs, smoothed(curve.values, view.smoothing), this.x, this.y, this.isLog,
                from, to, 3) }));
          }
          if (to - from > 40) continue;
          let dots = '';
          for (let i = from; i < to; i++) {
            const value = curve.values[i];
            if (value === null || (this.isLog && !(value > 0))) continue;
            dots += `M${tenths(this.x(xs[i]))} ${tenths(this.y(value))}h0`;
          }
          inner.append(make('svg:path', { class: `dots ${curve.style}`, d: dots }));
        }
        this.drawBest(inner);
      }
      drawBest(inner) {
        const curve = this.best && this.curves[this.best.curve];
        if (!curve || !this.shown.includes(curve)) return;
        const i = curve.axis.step.indexOf(this.best.step), value = curve.values[i];
        if (i < 0 || (this.isLog && !(value > 0))) return;
        inner.append(make('svg:circle', { class: `ring ${curve.style}`, r: 6,
          cx: tenths(this.x(this.xs(curve)[i])), cy: tenths(this.y(value)) }));
      }
      drawFrame(frame, x0, x1, y0, y1) {
        const { left, right, top, bottom } = margins, { width, height } = this;
        const count = Math.max(2, Math.min(6, Math.floor((width - left - right) / 60)));
        const xTicks = view.unit === 'time' ? timeTicks(x0, x1, count)
          : linearTicks(x0, x1, count, true);
        const yTicks = this.isLog ? logTicks(y0, y1, 5) : linearTicks(y0, y1, 5, false);
        let grid = '';
        const below = make('svg:g', { class: 'ticks x' }), beside = make('svg:g',
          { class: 'ticks y' });
        for (const tick of xTicks) {
          const x = tenths(this.x(tick.value));
          grid += `M${x} ${top}V${height - bottom}`;
          below.append(make('svg:text', { x, y: height - bottom + 16 }, tick.label));
        }
        for (const tick of yTicks) {
          const y = this.y(tick.value);
          grid += `M${left} ${tenths(y)}H${width - right}`;
          beside.append(make('svg:text', { x: left - 8, y: tenths(y + 4) }, tick.label));
        }
        frame.append(make('svg:path', { class: 'grid', d: grid }), below, beside,
          make('svg:text', { class: 'unit', x: (left + width - right) / 2,
            y: height - bottom + 33 }, units[view.unit]));
      }
      // Shows the values of all curves at the point that is nearest to a place.
      read(x) {
        let nearest = null;
        for (const curve of this.shown) {
          const found = this.nearest(curve, x);
          // The many points of steps do not hide those of epochs.
          const away = found === null ? Infinity
            : Math.abs(this.x(this.xs(curve)[found]) - this.x(x)) + (curve.axis.within ? 6 : 0);
          if (away < (nearest ? nearest.away : Infinity)) nearest = { curve, i: found, away };
        }
        if (!nearest) return;
        const at = this.xs(nearest.curve)[nearest.i];
        view.cursor = at;
        for (const chart of page) chart.show(at, chart === this);
      }
      nearest(curve, x) {
        const xs = this.xs(curve), values = curve.values;
        const end = lowerBound(xs, x);
        let [before, after] = [end - 1, end];
        while (before >= 0 && values[before] === null) before--;
        while (after < xs.length && values[after] === null) after++;
        if (before < 0) return after < xs.length ? after : null;
        if (after >= xs.length) return before;
        return x - xs[before] <= xs[after] - x ? before : after;
      }
      show(x, isHere) {
        const over = this.layers[2], [x0, x1] = this.shownRange.x;
        over.replaceChildren();
        this.at.textContent = '';
        for (const curve of this.curves) curve.output.textContent = '';
        if (x === null || x < x0 || x > x1) return;
        const line = tenths(this.x(x));
        over.append(make('svg:path', { class: 'cursor',
          d: `M${line} ${margins.top}V${this.height - margins.bottom}` }));
        let main = null;
        for (const curve of this.shown) {
          const i = this.nearest(curve, x);
          if (i === null) continue;
          const xs = this.xs(curve), value = curve.values[i];
          if (x < xs[0] || x > xs[xs.length - 1]) continue;
          main = xs[i] === x && !main ? { axis: curve.axis, i } : main;
          curve.output.append(...digits(value));
          if (xs[i] !== x) curve.output.append(make('span', { class: 'tail' },
            ` at ${grouped(curve.axis.step[i])}`));
          if (this.isLog && !(value > 0)) continue;
          over.append(make('svg:circle', { class: `marker ${curve.style}`, r: 4.5,
            cx: tenths(this.x(xs[i])), cy: tenths(this.y(value)) }));
        }
        if (!main) return;
        const words = [`step ${grouped(main.axis.step[main.i])}`,
          `epoch ${grouped(main.axis.epoch[main.i])}`];
        if (main.axis.time.length) words.push(duration(main.axis.time[main.i]));
        this.at.textContent = words.join(', ');
      }
      // Shows a part of the horizontal axis around the cursor or the middle.
      zoom(factor) {
        const [x0, x1] = view.range ?? this.full, [a, b] = this.full;
        const middle = view.cursor >= x0 && view.cursor <= x1 ? view.cursor : (x0 + x1) / 2;
        const low = Math.max(a, middle - (middle - x0) * factor), high = Math.min(b,
          middle + (x1 - middle) * factor);
        if (factor < 1 && !(high - low > (b - a) * 1e-6)) return;
        setRange(low <= a && high >= b ? null : [low, high]);
      }
      reset() {
        this.box = null;
        setRange(null);
      }
    }
    // The mean of a curve's numbers, in which each counts less than the next by a factor.
    const smoothed = (values, factor) => {
      let sum = 0, weights = 0;
      return values.map(value => {
        if (value === null) return null;
        [sum, weights] = [sum * factor + value, weights * factor + 1];
        return sum / weights;
      });
    };
    // A number as the file has it, of which the digits that matter are told apart from the others.
    const digits = value => {
      const text = String(value), match = /^(-?0?\.?0*[0-9.]{0,6})(.*)$/.exec(text);
      return match[2].length > 2 && !match[2].includes('e')
        ? [match[1], make('span', { class: 'tail' }, match[2])] : [text];
    };
    const setRange = range => {
      view.range = range;
      for (const chart of page) chart.draw();
    };
    // After curves are hidden or shown.
    const drawAll = () => {
      for (const chart of page) chart.allX = null;
      for (const chart of page) chart.draw();
    };
    let page = [];

    """#
}
