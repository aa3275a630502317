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
        const share = Math.min(1, Math.max(0, (chart.height - bottom - y) / (chart.height - top - bottom)));
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
        chart.layers[2].append(make('svg:rect', { class: 'selection', x: left, y: top, width: right - left, height: Math.max(0, bottom - top) }));
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
        else if (event.key === '+' || event.key === '=') { chart.zoom(0.5); chart.read(view.cursor ?? (x0 + x1) / 2); }
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
        .reduce((best, other) => !best || other.values.length > best.values.length ? other : best, null);
      if (!curve) return;
      const xs = chart.xs(curve), [x0, x1] = chart.shownRange.x;
      const now = view.cursor ?? (count > 0 ? x0 - 1 : x1 + 1);
      let i = count > 0 ? lowerBound(xs, now + 1e-9) + count - 1 : lowerBound(xs, now) + count;
      i = Math.min(Math.max(i, 0), xs.length - 1);
      while (i > 0 && i < xs.length - 1 && curve.values[i] === null) i += Math.sign(count);
      chart.read(Math.min(Math.max(xs[i], x0), x1));
    };
    // Screen readers are told the values when keys move the cursor, and not for each move of a pointer.
    const speak = chart => {
      const words = chart.shown.filter(curve => curve.output.textContent)
        .map(curve => `${curve.name} ${curve.output.textContent}`);
      chart.svg.setAttribute('aria-valuetext', [chart.at.textContent, ...words].join(', '));
    };

    """#
}
