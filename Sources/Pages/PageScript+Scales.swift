extension PageScript {
  /// Ticks, labels and paths, by the rules of `Ticks` and `CurvePath`.
  static let scales = #"""
    const SVG = 'http://www.w3.org/2000/svg';
    const make = (name, attributes = {}, text) => {
      const svg = name.startsWith('svg:');
      const node = svg ? document.createElementNS(SVG, name.slice(4)) :
        document.createElement(name);
      for (const key in attributes) node.setAttribute(key, attributes[key]);
      if (text !== undefined) node.textContent = text;
      return node;
    };
    const floorLog10 = value => Math.floor(Math.log10(value) + 1e-9);
    const grouped = value => String(value).replace(/\B(?=(\d{3})+$)/g, ',');
    const label = (value, exponent, largest) => {
      if (value === 0) return '0';
      if (Math.max(Math.abs(value), largest) >= 1e7 || exponent < -5) {
        const own = floorLog10(Math.abs(value)), digits = Math.max(0, own - exponent);
        const mantissa = value / (own >= 0 ? 10 ** own : 1 / 10 ** -own);
        return mantissa.toFixed(Math.min(digits, 15)) + 'e' + own;
      }
      if (exponent < 0) return value.toFixed(-exponent);
      return Number.isInteger(value) ? grouped(value) : String(+value.toPrecision(6));
    };
    const linearTicks = (low, high, count, whole) => {
      const span = high - low;
      if (!(span > 1e-300)) return [{ value: low, label: label(low, 0, 0) }];
      let exponent = floorLog10(span / count), factor = span / count / 10 ** exponent;
      factor = factor <= 1.000001 ? 1 : factor <= 2.000001 ? 2 : factor <= 5.000001 ? 5 : 10;
      if (factor === 10) { factor = 1; exponent += 1; }
      if (whole && exponent < 0) { factor = 1; exponent = 0; }
      const value = step => exponent >= 0 ? step * factor * 10 ** exponent :
        step * factor / 10 ** -exponent;
      const unit = value(1), slack = 1e-9 * span / unit;
      const first = Math.ceil(low / unit - slack), last = Math.floor(high / unit + slack);
      const largest = Math.max(Math.abs(value(first)), Math.abs(value(last)));
      const ticks = [];
      for (let step = first; step <= last && ticks.length < 1000; step++) {
        ticks.push({ value: value(step), label: label(value(step), exponent, largest) });
      }
      return ticks;
    };
    const logTicks = (low, high, count) => {
      const [a, b] = [Math.log10(low), Math.log10(high)];
      if (b - a < 0.7) return linearTicks(low, high, count, false);
      const decades = Math.ceil(b - a), stride = Math.max(1, Math.ceil(decades / count));
      const factors = 3 * decades <= 2 * count ? [1, 2, 5] : [1], ticks = [];
      for (let exponent = Math.floor(a - 1e-9); exponent <= Math.floor(b + 1e-9); exponent++) {
        if (exponent % stride !== 0) continue;
        for (const factor of factors) {
          const value = exponent >= 0 ? factor * 10 ** exponent : factor / 10 ** -exponent;
          if (value < low * (1 - 1e-9) || value > high * (1 + 1e-9)) continue;
          ticks.push({ value, label: label(value, exponent, value) });
        }
      }
      return ticks;
    };
    const timeSteps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800,
      43200, 86400, 172800, 432800];
    const duration = seconds => {
      if (seconds < 9.95) return `${+seconds.toFixed(1)} s`;
      const all = Math.round(seconds), s = all % 60, m = Math.floor(all / 60) % 60,
        h = Math.floor(all / 3600);
      if (h) return `${h} h ${m} min`;
      return m ? `${m} min${s ? ` ${s} s` : ''}` : `${s} s`;
    };
    const timeTicks = (low, high, count) => {
      const step = timeSteps.find(step => (high - low) / step <= count) ?? (high - low) / count;
      if (high - low < 4) return linearTicks(low, high, count).map(t => ({ value: t.value,
        label: t.label + ' s' }));
      const ticks = [];
      for (let value = Math.ceil(low / step) * step; value <= high; value += step) {
        ticks.push({ value, label: value === 0 ? '0' : duration(value) });
      }
      return ticks;
    };
    const extent = (values, margin, log) => {
      // Far from where numbers end, so that no range is infinite.
      const limit = 4e307;
      let low = Infinity, high = -Infinity;
      for (const number of values) {
        const value = number === null ? null : Math.min(Math.max(number, -limit), limit);
        if (value === null || (log && !(value > 0))) continue;
        if (value < low) low = value;
        if (value > high) high = value;
      }
      if (low > high) return log ? [0.1, 1] : [0, 1];
      if (log) {
        const factor = high > low ? (high / low) ** margin : 2;
        return [low / factor, high * factor];
      }
      const space = high > low ? margin * (high - low) : Math.abs(high) * 0.1 || 1e-300;
      return [low - space, high + space];
    };
    const tenths = place => String(Math.round(10 * Math.min(Math.max(place || 0, -1e6), 1e6)) / 10);
    // A line ends where a value is missing; of many points each column keeps its extremes.
    const pathOf = (xs, ys, place, height, log, from, to, columns) => {
      let data = '', drawing = false, lonely = false;
      const drawn = i => ys[i] !== null && (!log || ys[i] > 0);
      const end = () => { if (lonely) data += 'h0'; drawing = lonely = false; };
      const add = i => {
        data += (drawing ? 'L' : 'M') + tenths(place(xs[i])) + ' ' + tenths(height(ys[i]));
        lonely = !drawing;
        drawing = true;
      };
      if (to - from <= 800) {
        for (let i = from; i < to; i++) drawn(i) ? add(i) : end();
      } else {
        let kept = null, column = NaN;
        const flush = () => {
          if (kept) [...new Set(kept)].sort((a, b) => a - b).forEach(add);
          kept = null;
        };
        for (let i = from; i < to; i++) {
          const number = Math.floor(place(xs[i]) / columns);
          if (number !== column || !drawn(i)) { flush(); column = number; }
          if (!drawn(i)) { end(); continue; }
          if (!kept) kept = [i, i, i, i];
          if (ys[i] < ys[kept[1]]) kept[1] = i;
          if (ys[i] > ys[kept[2]]) kept[2] = i;
          kept[3] = i;
        }
        flush();
      }
      end();
      return data;
    };

    """#
}
