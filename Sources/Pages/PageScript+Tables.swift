extension PageScript {
  /// Tables that are sorted by a column, heat maps, and buttons that copy commands.
  static let tables = #"""
    const sortable = table => {
      const headings = [...table.tHead.rows[0].cells], body = table.tBodies[0];
      const key = cell => {
        const text = cell.dataset.value ?? cell.textContent;
        return text === '' ? null : Number.isNaN(Number(text)) ? text : Number(text);
      };
      const compare = (a, b) => typeof a === 'number' && typeof b === 'number' ? a - b
        : typeof a !== typeof b ? (typeof a === 'number' ? -1 : 1)
        : a.localeCompare(b, undefined, { numeric: true });
      headings.forEach((heading, column) => {
        const button = make('button', { type: 'button', title: 'sort' }, heading.textContent);
        heading.replaceChildren(button);
        button.addEventListener('click', () => {
          const isUp = heading.getAttribute('aria-sort') !== 'ascending';
          for (const other of headings) other.removeAttribute('aria-sort');
          heading.setAttribute('aria-sort', isUp ? 'ascending' : 'descending');
          const rows = [...body.rows].map((row, place) => ({ row, place,
            key: key(row.cells[column]) }));
          rows.sort((a, b) => {
            // What is missing stands last either way.
            if (a.key === null || b.key === null) return (a.key === null) - (b.key === null) ||
              a.place - b.place;
            return (isUp ? 1 : -1) * compare(a.key, b.key) || a.place - b.place;
          });
          body.append(...rows.map(({ row }) => row));
        });
      });
    };
    const readable = map => {
      const figure = document.getElementById(map.id), svg = figure.querySelector('svg.heat');
      const readout = figure.querySelector('.readout');
      const [rows, columns] = [map.rows.length, map.columns.length];
      svg.setAttribute('tabindex', '0');
      const ground = svg.querySelector('.ground'), size = ground.getAttribute('width') / columns;
      const picked = make('svg:rect', { class: 'picked', width: size, height: size });
      let at = { row: -1, column: -1 };
      const show = (row, column) => {
        at = { row: Math.min(Math.max(row, 0), rows - 1), column: Math.min(Math.max(column, 0),
          columns - 1) };
        const value = map.values[at.row * columns + at.column] / 100;
        readout.textContent = `${map.rows[at.row]}, ${map.columns[at.column]}: ${value}`;
        picked.setAttribute('x', at.column * size);
        picked.setAttribute('y', at.row * size);
        ground.parentNode.append(picked);
      };
      const leave = () => { readout.textContent = ''; picked.remove(); };
      svg.addEventListener('pointermove', event => {
        const frame = ground.getBoundingClientRect();
        show(Math.floor((event.clientY - frame.top) / frame.height * rows),
          Math.floor((event.clientX - frame.left) / frame.width * columns));
      });
      svg.addEventListener('pointerleave', leave);
      svg.addEventListener('blur', leave);
      svg.addEventListener('keydown', event => {
        const move = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1,
          0] }[event.key];
        if (!move) return;
        show(at.row + move[0], at.column + move[1]);
        event.preventDefault();
      });
    };
    // Pictures over time, one in place of the other.
    const film = tiles => {
      const pictures = [...tiles.querySelectorAll('figure')].reverse()
        .map(tile => [tile.querySelector('img'), tile.querySelector('strong').textContent]);
      if (pictures.length < 3 || pictures.some(([picture]) => !picture)) return;
      const frame = make('figure', { class: 'tile film' }), image = pictures.at(-1)[0].cloneNode();
      const caption = make('figcaption'), text = make('strong');
      const last = pictures.length - 1;
      const slider = make('input', { type: 'range', min: 0, max: last, step: 1, value: last,
        'aria-label': 'samples over time' });
      const button = make('button', { type: 'button' }, 'play');
      const show = () => {
        const [picture, words] = pictures[slider.value];
        [image.src, image.alt, text.textContent] = [picture.src, picture.alt, words];
        slider.setAttribute('aria-valuetext', words);
      };
      let timer = null;
      const stop = () => {
        clearInterval(timer);
        timer = null;
        button.textContent = 'play';
      };
      slider.addEventListener('input', () => { stop(); show(); });
      button.addEventListener('click', () => {
        if (timer) { stop(); return; }
        button.textContent = 'stop';
        if (Number(slider.value) === last) slider.value = 0;
        show();
        timer = setInterval(() => {
          slider.value = Number(slider.value) + 1;
          show();
          if (Number(slider.value) === last) stop();
        }, 400);
      });
      caption.append(button, slider, text);
      frame.append(image, caption);
      tiles.before(frame);
      show();
    };
    const copyable = node => {
      if (!navigator.clipboard) return;
      const button = make('button', { type: 'button', class: 'copy' }, 'copy');
      button.addEventListener('click', async () => {
        await navigator.clipboard.writeText(node.textContent).catch(() => {});
        button.textContent = 'copied';
        setTimeout(() => { button.textContent = 'copy'; }, 1500);
      });
      if (node.tagName === 'PRE') {
        const frame = make('div', { class: 'copying' });
        node.replaceWith(frame);
        frame.append(node, button);
      } else {
        node.after(' ', button);
      }
    };

    """#
  /// Gives life to what stands in the page.
  static let start = #"""
    page = data.charts.map(spec => new Chart(document.getElementById(spec.id), spec));
    for (const chart of page) {
      chart.draw();
      listen(chart);
    }
    if (page.length) {
      const options = make('div', { class: 'options', role: 'group',
        'aria-label': 'horizontal axis' });
      options.append(make('span', {}, 'Across'));
      for (const unit of ['step', 'epoch', 'time']) {
        if (unit === 'time' && !hasTimes) continue;
        const button = make('button', { type: 'button', 'aria-pressed': unit === view.unit,
          'data-unit': unit }, `${unit}s`.replace('times', 'time'));
        button.addEventListener('click', () => {
          for (const other of options.querySelectorAll('[data-unit]'))
            other.setAttribute('aria-pressed', other === button);
          Object.assign(view, { unit, range: null, cursor: null });
          for (const chart of page) chart.box = null;
          drawAll();
          for (const chart of page) chart.show(null);
        });
        options.append(button);
      }
      page[0].figure.parentElement.before(options);
      if (data.axes.some(axis => axis.within)) {
        const frame = make('label', {}, 'smooth steps');
        const slider = make('input', { type: 'range', min: 0, max: 0.99, step: 0.01, value: 0 });
        slider.addEventListener('input', () => {
          view.smoothing = Number(slider.value);
          for (const chart of page) chart.draw();
        });
        frame.append(slider);
        options.append(frame);
      }
      // With several runs, what is shown of all of them.
      const switches = (parent, text, key) => {
        const button = make('button', { type: 'button', 'aria-pressed': 'true', 'data-hides': key },
          text);
        button.addEventListener('click', () => {
          const isHidden = !view.hidden.delete(key);
          if (isHidden) view.hidden.add(key);
          button.setAttribute('aria-pressed', !isHidden);
          drawAll();
        });
        parent.append(button);
      };
      const runs = document.querySelectorAll('.runs li');
      runs.forEach((item, run) => switches(item, 'shown', run));
      if (runs.length) {
        options.append(make('span', {}, 'Of'));
        for (const split of new Set(page.flatMap(chart => chart.curves.map(curve =>
          curve.split)))) switches(options, split, split);
      }
    }
    const fit = () => {
      for (const chart of page) if (Math.round(chart.figure.clientWidth) !== chart.width)
        chart.draw();
    };
    new ResizeObserver(fit).observe(document.body);
    document.querySelectorAll('table.sortable').forEach(sortable);
    data.maps.forEach(readable);
    document.querySelectorAll('.samples').forEach(film);
    sparks();
    pairs();
    document.querySelectorAll('.copied').forEach(copyable);

    """#
}
