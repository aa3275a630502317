extension PageScript {
  /// Values under the pointer, zooming by dragging, and the keyboard.
  static let pointer = #"""
    const listen = chart => {
      const svg = chart.svg;
      let drag = null;
      const place = event => {
        const frame = svg.getBoundingClientRect(), scale = chart.width / frame.width;
        return { x: (event.clientX - frame.left) * scale, y: (event.clientY - frame.top) * scale };
      };
      const value = x => {
        const [x0, x1] = chart.shownRange.x, { left, right } = margins;
        const share = (x - left) / (chart.width - left - right);
        return x0 + Math.min(1, Math.max(0, share)) * (x1 - x0);
      };
      const rise = y => {
        const [y0, y1] = chart.shownRange.y, { top, bottom } = margins;
        const share = Math.min(1, Math.max(0,
          (chart.height - bottom - y) / (chart.height - top - bottom)));
        return chart.isLog ? y0 * (y1 / y0) ** share : y0 + share * (y1 - y0);
      };
      // A drag along the axis shows that part; one that is also high shows a box.
      const corners = (a, b) => {
        const isBox = Math.abs(b.y - a.y) > 24;
        return { isBox, left: Math.min(a.x, b.x), right: Math.max(a.x, b.x),
          top: isBox ? Math.min(a.y, b.y) : margins.top,
          bottom: isBox ? Math.max(a.y, b.y) : chart.height - margins.bottom };
      };
      svg.addEventListener('pointerdown', event => {
        if (event.button !== 0) return;
        chart.read(value(place(event).x));
        if (event.pointerType === 'touch') return;
        drag = { from: place(event) };
        svg.setPointerCapture(event.pointerId);
      });
      svg.addEventListener('pointermove', event => {
        const at = place(event);
        chart.read(value(at.x));
        if (!drag) return;
        const { left, right, top, bottom } = corners(drag.from, at);
        chart.layers[2].append(make('svg:rect', { class: 'selection', x: left, y: top,
          width: right - left, height: Math.max(0, bottom - top) }));
      });
      svg.addEventListener('pointerup', event => {
        if (!drag) return;
        const { isBox, left, right, top, bottom } = corners(drag.from, place(event));
        drag = null;
        if (right - left < 6) return;
        const range = [value(left), value(right)];
        if (!(range[1] > range[0])) return;
        chart.box = isBox ? [rise(bottom), rise(top)] : null;
        setRange(range);
      });
      svg.addEventListener('pointercancel', () => { drag = null; });
      svg.addEventListener('pointerleave', () => {
        if (drag) return;
        view.cursor = null;
        for (const other of page) other.show(null);
      });
      svg.addEventListener('dblclick', () => chart.reset());
      svg.addEventListener('keydown', event => {
        if (event.ctrlKey || event.metaKey || event.altKey) return;
        const move = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10 }[event.key];
        const [x0, x1] = chart.shownRange.x;
        if (move) step(chart, event.shiftKey ? 10 * move : move);
        else if (event.key === 'Home') chart.read(x0);
        else if (event.key === 'End') chart.read(x1);
        else if (event.key === '+' || event.key === '=') { chart.zoom(0.5);
          chart.read(view.cursor ?? (x0 + x1) / 2); }
        else if (event.key === '-') { chart.zoom(2); chart.read(view.cursor ?? (x0 + x1) / 2); }
        else if (event.key === 'Escape' || event.key === '0') chart.reset();
        else return;
        event.preventDefault();
        speak(chart);
      });
    };
    // Moves the cursor along the curve with the most points of epochs.
    const step = (chart, count) => {
      const curves = chart.shown.filter(curve => !curve.axis.within);
      const curve = (curves.length ? curves : chart.shown)
        .reduce((best, other) => !best || other.values.length > best.values.length ? other : best,
          null);
      if (!curve) return;
      const xs = chart.xs(curve), [x0, x1] = chart.shownRange.x;
      const now = view.cursor ?? (count > 0 ? x0 - 1 : x1 + 1);
      let i = count > 0 ? lowerBound(xs, now + 1e-9) + count - 1 : lowerBound(xs, now) + count;
      i = Math.min(Math.max(i, 0), xs.length - 1);
      while (i > 0 && i < xs.length - 1 && curve.values[i] === null) i += Math.sign(count);
      chart.read(Math.min(Math.max(xs[i], x0), x1));
    };
    // Screen readers are told the values when keys move the cursor,
    // and not for each move of a pointer.
    const speak = chart => {
      const words = chart.shown.filter(curve => curve.output.textContent)
        .map(curve => `${curve.name} ${curve.output.textContent}`);
      spoken.textContent = [chart.at.textContent, ...words].join(', ');
    };
    const spoken = make('div', { class: 'spoken', role: 'status' });
    document.body.append(spoken);
    // Text beside the pointer.
    const tip = make('div', { class: 'tip', hidden: '' });
    document.body.append(tip);
    const showTip = (event, text) => {
      tip.hidden = !text;
      if (!text) return;
      tip.textContent = text;
      const { width, height } = tip.getBoundingClientRect();
      tip.style.left = `${Math.min(event.clientX + 14, Math.max(4, innerWidth - width - 4))}px`;
      tip.style.top = `${event.clientY > height + 20 ?
        event.clientY - height - 12 : event.clientY + 16}px`;
    };
    const sparks = () => {
      const { axis, values } = data.sparks;
      for (const svg of document.querySelectorAll('svg[data-spark]')) {
        const numbers = values[svg.dataset.spark];
        svg.addEventListener('pointermove', event => {
          const frame = svg.getBoundingClientRect();
          const share = ((event.clientX - frame.left) / frame.width * 160 - 3) / 154;
          const i = Math.round(Math.min(1, Math.max(0, share)) * (numbers.length - 1));
          showTip(event, `epoch ${grouped(axis.epoch[i])}: ${numbers[i] ?? 'not a number'}`);
        });
        svg.addEventListener('pointerleave', () => showTip());
      }
    };
    const pairs = () => {
      if (!data.pairs) return;
      const svg = document.querySelector('svg.scatter'), { range: [low, high],
        values } = data.pairs;
      const picked = make('svg:circle', { class: 'picked', r: 6 });
      const x = value => 58 + (value - low) / (high - low) * 348, y = value =>
        376 - (value - low) / (high - low) * 354;
      svg.addEventListener('pointermove', event => {
        const frame = svg.getBoundingClientRect(), scale = 420 / frame.width;
        const at = [(event.clientX - frame.left) * scale, (event.clientY - frame.top) * scale];
        let nearest = -1, least = 24;
        for (let i = 0; i < values.length; i += 2) {
          const away = Math.hypot(x(values[i]) - at[0], y(values[i + 1]) - at[1]);
          if (away < least) [nearest, least] = [i, away];
        }
        if (nearest < 0) { picked.remove(); showTip(); return; }
        picked.setAttribute('cx', x(values[nearest]));
        picked.setAttribute('cy', y(values[nearest + 1]));
        svg.append(picked);
        showTip(event, `true ${values[nearest]}, predicted ${values[nearest + 1]}`);
      });
      svg.addEventListener('pointerleave', () => { picked.remove(); showTip(); });
    };

    """#
}
