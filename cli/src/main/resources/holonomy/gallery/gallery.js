'use strict';
// What the page answers to the pointer and the keyboard. Without it the page says the same, standing still.
(() => {
  const SVG = 'http://www.w3.org/2000/svg';
  const NEAR = 28; // pixels of the screen
  const words = node => node.textContent.replace(/[\s\u200b]+/g, ' ').trim();
  const make = (tag, className, text, parent) => {
    const node = document.createElement(tag);
    if (className) node.className = className;
    if (text) node.textContent = text;
    if (parent) parent.append(node);
    return node;
  };
  const button = (className, text, parent, act) => {
    const node = make('button', className, text, parent);
    node.type = 'button';
    node.addEventListener('click', () => act(node));
    return node;
  };
  const toggled = node => {
    const on = node.getAttribute('aria-pressed') !== 'true';
    node.setAttribute('aria-pressed', on);
    return on;
  };

  // ---- From pixels to values: the ticks of a panel say how.

  // A tick's number: 1,200 or 2·10⁻³; NaN for a name.
  const number = text => {
    const bare = text.replace(/[,\s]/g, '').replace('\u2212', '-');
    const power = bare.match(/^(?:(-?[\d.]+)[·×])?10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)$/);
    if (!power) return bare === '' ? NaN : Number(bare);
    const exponent = [...power[2]].map(c => (c === '⁻' ? '-' : '⁰¹²³⁴⁵⁶⁷⁸⁹'.indexOf(c))).join('');
    return Number(power[1] ?? 1) * 10 ** Number(exponent);
  };

  // The straight line through the outermost of points [value, pixel]; null unless all lie within a hundredth of its length.
  const through = points => {
    const [first, last] = [points[0], points[points.length - 1]];
    const slope = (last[1] - first[1]) / (last[0] - first[0]);
    if (!Number.isFinite(slope) || slope === 0) return null;
    const line = value => first[1] + slope * (value - first[0]);
    const room = Math.abs(last[1] - first[1]) / 100 + 0.5;
    return points.every(([value, pixel]) => Math.abs(line(value) - pixel) <= room) ? line : null;
  };

  // value or name -> pixel, by ticks {text, at}; where marks stand at places 0, 1, ..., the n-th tick is place n.
  const scaleOf = (ticks, places) => {
    const named = new Map(ticks.map(tick => [tick.text, tick.at]));
    const numbers = ticks.map(tick => [number(tick.text), tick.at]);
    if (places) {
      const line = ticks.length > 1 ? through(ticks.map((tick, i) => [i, tick.at])) : v => ticks[0] && ticks[0].at + v;
      return value => (typeof value === 'string' ? named.get(value) : line && line(value));
    }
    const linear = ticks.length > 1 && numbers.every(([v]) => Number.isFinite(v)) ? through(numbers) : null;
    const positive = ticks.length > 1 && numbers.every(([v]) => v > 0);
    const log = !linear && positive ? through(numbers.map(([v, at]) => [Math.log10(v), at])) : null;
    if (!linear && !log && ticks.length < 2) return null; // one tick says where, not how far
    return value => {
      if (typeof value === 'string') return named.get(value);
      return linear ? linear(value) : log && value > 0 ? log(Math.log10(value)) : undefined;
    };
  };

  // The scale of an axis with a single tick, by what is drawn: the outermost marks lie where the outermost values are.
  const scaleByMarks = (ticks, values, pixels) => {
    const numbers = values.filter(Number.isFinite);
    const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
    const lone = ticks.map(tick => number(tick.text)).filter(Number.isFinite);
    if (low === high) return value => (value === lone[0] ? ticks[0].at : undefined);
    for (const of of [value => value, Math.log10]) {
      const line = through([[of(low), pixels[0]], [of(high), pixels[1]]]);
      if (line && lone.every((value, i) => Math.abs(line(of(value)) - ticks[i].at) < 1.5)) return value => line(of(value));
    }
    return () => undefined;
  };

  // Where an element's own (x, y) lies in its picture.
  const inPicture = (svg, node, x = 0, y = 0) =>
    new DOMPoint(x, y).matrixTransform(svg.getScreenCTM().inverse().multiply(node.getScreenCTM()));

  // The panels of a picture: rectangle, title, scales.
  const panelsOf = (svg, { marks, places, lying }) => {
    const seen = new Map();
    for (const group of svg.querySelectorAll('g[clip-path]')) {
      const clip = group.querySelector('clipPath rect');
      if (!clip) continue;
      const [x, y, width, height] = ['x', 'y', 'width', 'height'].map(name => Number(clip.getAttribute(name)));
      const from = inPicture(svg, group, x, y);
      const key = from.x.toFixed(0) + ' ' + from.y.toFixed(0);
      if (!seen.has(key)) seen.set(key, { left: from.x, top: from.y, right: from.x + width, bottom: from.y + height, groups: [] });
      seen.get(key).groups.push(group);
    }
    const texts = name =>
      [...svg.querySelectorAll('text.' + name)].map(node => ({ text: words(node), ...point(inPicture(svg, node)) }));
    const axes = ['axis-text-x', 'axis-text-y']; // by what they show, wherever they stand
    const [across, up, strips] = [...(lying ? axes.reverse() : axes), 'facet-strip-text-x'].map(texts);
    const panels = [...seen.values()];
    for (const panel of panels) {
      // Ticks of the nearest axis below and to the left: panels may share one.
      const below = nearest(across.filter(t => t.x >= panel.left - 1 && t.x <= panel.right + 1 && t.y > panel.bottom - 1), 'y', 1);
      const beside = nearest(up.filter(t => t.y >= panel.top - 1 && t.y <= panel.bottom + 1 && t.x < panel.left + 1), 'x', -1);
      panel.names = (lying ? beside.sort((a, b) => a.y - b.y) : below.sort((a, b) => a.x - b.x)).map(t => t.text);
      const above = strips.filter(t => t.x > panel.left && t.x < panel.right && t.y < panel.top + 1);
      panel.title = above.length ? above.reduce((a, b) => (b.y > a.y ? b : a)).text : '';
      panel.has = mark => panels.length === 1 || mark.panel === '' || squeezed(panel.title) === squeezed(mark.panel);
      const own = marks.filter(panel.has);
      const ticks = (texts, side) => texts.map(t => ({ text: t.text, at: t[side] })).sort((a, b) => a.at - b.at);
      const [left, right, top, bottom] = ends(svg, panel);
      const [first, second] = lying ? ['y', 'x'] : ['x', 'y'];
      panel.x = scaleOf(ticks(below, 'x'), places && !lying) ?? scaleByMarks(ticks(below, 'x'), own.map(m => m[first]), [left, right]);
      panel.y = scaleOf(ticks(beside, 'y'), places && lying) ?? scaleByMarks(ticks(beside, 'y'), own.map(m => m[second]), [bottom, top]);
      panel.at = mark => ({ x: panel.x(mark[first]), y: panel.y(mark[second]) });
    }
    return panels;
  };
  // How far points and lines reach in a panel: left, right, top, bottom.
  const ends = (svg, panel) => {
    const [across, up] = [[], []];
    for (const group of panel.groups) {
      const [dx, dy] = [inPicture(svg, group).x, inPicture(svg, group).y];
      const add = (x, y) => {
        across.push(Number(x) + dx);
        up.push(Number(y) + dy);
      };
      for (const dot of group.querySelectorAll('circle')) add(dot.getAttribute('cx'), dot.getAttribute('cy'));
      for (const line of group.querySelectorAll('path[fill="none"]:not([stroke-width="0.0"])'))
        for (const [, x, y] of line.getAttribute('d').matchAll(/[ML]\s*(-?[\d.]+)[ ,]+(-?[\d.]+)/g)) add(x, y);
    }
    return [Math.min(...across), Math.max(...across), Math.min(...up), Math.max(...up)];
  };
  const point = ({ x, y }) => ({ x, y });
  // Those whose coordinate is, to a few pixels, the least (sign 1) or the largest (sign -1).
  const nearest = (texts, coordinate, sign) => {
    const end = Math.min(...texts.map(t => sign * t[coordinate]));
    return texts.filter(t => sign * t[coordinate] < end + (coordinate === 'x' ? 60 : 12));
  };

  // ---- What is drawn: the rows behind the marks.

  // data-marks: a line of panels, one of series, one of settings, then panel, series, x, y, value, lower, upper, n, seed.
  const readMarks = text => {
    const [panels, series, settings, ...rows] = text.split('\n').map(line => line.split('\t'));
    const value = cell => (cell === '' || cell === undefined ? undefined : cell.startsWith("'") ? cell.slice(1) : Number(cell));
    const marks = rows.filter(row => row.length > 3).map(row => {
      const [x, y, shown, lower, upper, n] = row.slice(2, 8).map(value);
      return { panel: panels[row[0]], series: series[row[1]], x, y, value: shown ?? y, lower, upper, n, seed: row[8] || '' };
    });
    return { marks, places: settings.includes('places'), lying: settings.includes('lying') };
  };
  const squeezed = text => text.replace(/[\s\u200b]+/g, '');

  const brief = value => {
    if (typeof value === 'string') return value;
    const short = Number(value.toPrecision(4));
    return short !== 0 && (Math.abs(short) < 1e-3 || Math.abs(short) >= 1e6) ? short.toExponential() : short.toLocaleString('en-US', { maximumSignificantDigits: 4 });
  };

  const tip = make('div', 'tip', '', document.body);
  tip.setAttribute('role', 'status');
  tip.hidden = true;

  class Picture {
    constructor(figure) {
      this.figure = figure;
      this.holder = figure.querySelector('.picture');
      this.svg = this.holder.querySelector('svg');
      this.hidden = new Set();
      this.seed = null;
      this.data = readMarks(figure.dataset.marks || '\n\n');
      this.legend();
      if (this.data.marks.length) this.answer();
      this.tools();
    }

    // Marks with their places, panels as they are now; taken when first asked, for a picture that is not shown has no size.
    placed() {
      if (this.known) return this.known;
      const panels = panelsOf(this.svg, this.data);
      const found = this.data.marks.map(mark =>
        panels
          .filter(panel => panel.has(mark))
          .map(panel => ({ ...mark, panel: panel.title, at: panel.at(mark), box: panel }))
          .filter(placed => Number.isFinite(placed.at.x) && Number.isFinite(placed.at.y)));
      this.known = found.flat();
      this.figure.dataset.placed = found.filter(places => places.length).length;
      this.titles = ['axis-title-x', 'axis-title-y'].map(name =>
        [...this.svg.querySelectorAll('text.' + name)].map(words).join(' '));
      return this.known;
    }

    shown() {
      return this.placed().filter(m => !this.hidden.has(m.series) && (this.seed === null || m.seed === this.seed || m.seed === ''));
    }

    answer() {
      this.holder.tabIndex = 0;
      this.holder.addEventListener('pointermove', event => this.look(event));
      this.holder.addEventListener('pointerdown', event => this.look(event));
      this.holder.addEventListener('pointerleave', () => this.forget());
      this.holder.addEventListener('blur', () => this.forget());
      this.holder.addEventListener('keydown', event => this.walk(event));
    }

    look(event) {
      const matrix = this.svg.getScreenCTM();
      const here = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix.inverse());
      const far = m => Math.hypot(m.at.x - here.x, m.at.y - here.y);
      const near = this.shown().reduce((best, m) => (best && far(best) <= far(m) ? best : m), null);
      if (near && far(near) * matrix.a <= NEAR) this.tell(near);
      else this.forget();
    }

    // Left and right walk over the marks in the order of the rows drawn; Escape leaves them.
    walk(event) {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (event.key === 'Escape') this.forget();
      if (!step) return;
      event.preventDefault();
      const marks = this.shown();
      if (!marks.length) return;
      const index = marks.indexOf(this.current) + step;
      this.tell(marks[(index + marks.length) % marks.length] ?? marks[0]);
    }

    tell(mark) {
      this.current = mark;
      const [across, up] = this.titles;
      const who = [mark.panel, mark.series !== mark.panel && mark.series, mark.seed && 'seed ' + mark.seed].filter(Boolean).join(' · ');
      const interval = mark.lower === undefined || mark.upper === undefined ? '' : ' [' + brief(mark.lower) + ', ' + brief(mark.upper) + ']';
      const n = mark.n === undefined ? '' : ', ' + brief(mark.n) + (mark.n === 1 ? ' seed' : ' seeds');
      const where = typeof mark.y === 'string' ? across + ' ' + mark.x + ', ' + up + ' ' + mark.y : across + ': ' + (this.data.places ? mark.box.names[Math.round(mark.x)] : brief(mark.x));
      const what = typeof mark.y === 'string' ? brief(mark.value) : up + ': ' + brief(mark.value);
      tip.replaceChildren();
      for (const [kind, line] of [['who', who], ['', what + interval + n], ['', where]]) if (line) make('div', kind, line, tip);
      tip.hidden = false;
      (this.dialog ?? document.body).append(tip);
      const at = new DOMPoint(mark.at.x, mark.at.y).matrixTransform(this.svg.getScreenCTM());
      const [width, height] = [tip.offsetWidth, tip.offsetHeight];
      tip.style.left = Math.max(4, Math.min(at.x + 14, innerWidth - width - 4)) + 'px';
      tip.style.top = (at.y - height - 12 > 0 ? at.y - height - 12 : at.y + 14) + 'px';
      this.ring ??= this.svg.appendChild(document.createElementNS(SVG, 'circle'));
      for (const [name, value] of [['class', 'ring'], ['r', 6], ['cx', mark.at.x], ['cy', mark.at.y]]) this.ring.setAttribute(name, value);
    }

    forget() {
      tip.hidden = true;
      this.current = null;
      this.ring?.remove();
      this.ring = null;
    }

    // ---- The legend: an entry hides what it stands for.

    legend() {
      this.entries = [...this.svg.querySelectorAll('text.legend-item')].map(text => {
        const entry = text.parentNode.parentNode;
        const key = [...entry.querySelectorAll('line, path, circle, polygon')].find(n => looks(n).length) ?? entry.querySelector('line, path, circle');
        const name = words(text);
        const box = entry.getBBox();
        const ground = entry.insertBefore(document.createElementNS(SVG, 'rect'), entry.firstChild); // between key and text, too
        for (const side of ['x', 'y', 'width', 'height']) ground.setAttribute(side, box[side]);
        ground.setAttribute('fill', 'transparent');
        entry.classList.add('entry');
        entry.setAttribute('role', 'button');
        entry.setAttribute('tabindex', '0');
        entry.setAttribute('aria-pressed', 'true');
        entry.setAttribute('aria-label', name + ': shown');
        const flip = () => this.flip(name);
        entry.addEventListener('click', flip);
        entry.addEventListener('keydown', event => {
          if (event.key !== 'Enter' && event.key !== ' ') return;
          event.preventDefault();
          flip();
        });
        return { name, entry, look: key ? looks(key) : [] };
      });
      if (this.entries.length) this.svg.setAttribute('role', 'group');
    }

    flip(name) {
      if (!this.hidden.delete(name)) this.hidden.add(name);
      for (const { name: one, entry } of this.entries) {
        const off = this.hidden.has(one);
        entry.classList.toggle('off', off);
        entry.setAttribute('aria-pressed', String(!off));
        entry.setAttribute('aria-label', one + (off ? ': hidden' : ': shown'));
      }
      const gone = new Set(this.entries.filter(e => this.hidden.has(e.name)).flatMap(e => e.look));
      const kept = new Set(this.entries.filter(e => !this.hidden.has(e.name)).flatMap(e => e.look));
      const nulls = this.entries.filter(e => e.name.startsWith('null:'));
      if (nulls.length && nulls.every(e => this.hidden.has(e.name))) gone.add(NULL_BAND);
      for (const mark of this.svg.querySelectorAll('g[clip-path] path, g[clip-path] line, g[clip-path] circle, g[clip-path] polygon, g[clip-path] polyline')) {
        const own = looks(mark);
        const off = own.length > 0 && own.some(look => gone.has(look)) && !own.some(look => kept.has(look));
        mark.style.visibility = off ? 'hidden' : '';
      }
      this.forget();
      if (this.seed !== null) this.pick(this.seed);
    }

    // ---- Below the picture: its seeds, and the picture in large.

    tools() {
      const tools = make('div', 'tools', '', this.figure);
      const seeds = [...new Set(this.data.marks.map(m => m.seed))].filter(Boolean);
      if (seeds.length > 1) {
        make('span', '', 'seed', tools);
        const all = seeds.map(seed => button('chip', seed, tools, node => {
          const on = toggled(node);
          for (const other of all) if (other !== node) other.setAttribute('aria-pressed', 'false');
          this.pick(on ? seed : null);
        }));
        for (const node of all) {
          node.setAttribute('aria-pressed', 'false');
          node.setAttribute('aria-label', 'seed ' + node.textContent);
        }
      }
      button('plain', 'large', tools, () => this.large()).setAttribute('aria-label', 'open in large: ' + this.figure.getAttribute('aria-label'));
    }

    // Draws one seed's own marks over all others, joined along x within a panel and series.
    pick(seed) {
      this.seed = seed;
      this.over?.remove();
      this.over = null;
      this.svg.classList.toggle('picked', seed !== null);
      if (seed === null) return;
      this.over = this.svg.appendChild(document.createElementNS(SVG, 'g'));
      this.over.setAttribute('class', 'over');
      const groups = new Map();
      for (const mark of this.placed().filter(m => m.seed === seed && !this.hidden.has(m.series))) {
        const key = mark.panel + '\t' + mark.series;
        groups.set(key, [...(groups.get(key) ?? []), mark]);
      }
      for (const marks of groups.values()) {
        const path = this.over.appendChild(document.createElementNS(SVG, 'path'));
        const sorted = [...marks].sort((a, b) => a.at.x - b.at.x);
        path.setAttribute('d', sorted.map((m, i) => (i ? 'L' : 'M') + m.at.x.toFixed(2) + ' ' + m.at.y.toFixed(2)).join(' '));
        const colour = this.entries.find(e => e.name === marks[0].series)?.look.find(look => /^rgb/.test(look));
        path.style.stroke = colour ? colour.split('|')[0] : '';
        for (const m of sorted.length > 12 ? [] : sorted) {
          const dot = this.over.appendChild(document.createElementNS(SVG, 'circle'));
          for (const [name, value] of [['r', 4], ['cx', m.at.x], ['cy', m.at.y]]) dot.setAttribute(name, value);
        }
      }
    }

    large() {
      const dialog = (this.dialog = make('dialog', 'large', '', document.body));
      dialog.setAttribute('aria-label', this.figure.getAttribute('aria-label'));
      const place = document.createComment('');
      const tools = this.figure.querySelector('.tools');
      this.figure.insertBefore(place, this.holder);
      const close = button('plain close', 'close', dialog, () => dialog.close());
      dialog.append(this.holder);
      dialog.addEventListener('close', () => {
        this.forget();
        place.replaceWith(this.holder);
        this.dialog = null;
        document.body.append(tip);
        dialog.remove();
        tools.lastElementChild.focus();
      });
      dialog.showModal();
      close.focus();
    }
  }

  const NULL_BAND = 'rgb(140,140,140)|';

  // How a mark looks: its colours, a line's with its dashes in widths of the line. White and transparent say nothing.
  const looks = node => {
    const name = attribute => (node.getAttribute(attribute) ?? '').replace(/\s/g, '').toLowerCase();
    const width = Number(name('stroke-width')) || 1;
    const dashes = name('stroke-dasharray').split(',').filter(Boolean).map(d => (Number(d) / width).toFixed(1)).join(',');
    const found = [];
    if (name('stroke') && name('stroke-opacity') !== '0.0' && width > 0 && name('stroke-width') !== '0.0') found.push(name('stroke') + '|' + dashes);
    if (name('fill') && name('fill') !== 'none' && name('fill-opacity') !== '0.0') found.push(name('fill') + '|');
    return found.filter(look => !look.startsWith('rgb(255,255,255)') && !look.startsWith('none'));
  };

  // ---- The claims: by verdict and study.

  class Filter {
    constructor() {
      this.verdict = null;
      this.study = null;
      this.badges = [...document.querySelectorAll('.summary .verdict')].map(badge => {
        const node = button(badge.className, badge.textContent, null, one => this.byVerdict(one));
        node.dataset.verdict = badge.dataset.verdict;
        node.setAttribute('aria-pressed', 'false');
        badge.replaceWith(node);
        return node;
      });
      const sections = [...document.querySelectorAll('section[data-study]')];
      const studies = [...new Set(sections.map(s => s.dataset.study))].filter(Boolean);
      if (studies.length > 1) {
        const line = make('p', 'summary studies', 'Studies: ');
        document.querySelector('nav').before(line);
        for (const study of studies) {
          const node = button('chip', study, line, one => this.byStudy(one, study));
          node.setAttribute('aria-pressed', 'false');
          line.append(' ');
        }
      }
      this.found = make('p', 'found');
      this.found.setAttribute('role', 'status');
      document.querySelector('nav').before(this.found);
    }

    byVerdict(node) {
      const on = toggled(node);
      this.verdict = on ? node.dataset.verdict : null;
      for (const badge of this.badges) badge.setAttribute('aria-pressed', String(on && badge.dataset.verdict === this.verdict));
      this.apply();
    }

    byStudy(node, study) {
      const on = toggled(node);
      this.study = on ? study : null;
      for (const chip of document.querySelectorAll('.studies .chip')) if (chip !== node) chip.setAttribute('aria-pressed', 'false');
      this.apply();
    }

    apply() {
      let shown = 0;
      for (const section of document.querySelectorAll('main > section')) {
        const ofStudy = this.study === null || section.dataset.study === this.study;
        let some = 0;
        for (const row of section.querySelectorAll('.claims tbody tr')) {
          row.hidden = this.verdict !== null && row.dataset.verdict !== this.verdict;
          if (!row.hidden) some++;
        }
        section.hidden = !ofStudy || (this.verdict !== null && some === 0);
        const link = [...document.querySelectorAll('nav a')].find(a => a.hash === '#' + section.id);
        if (link) link.parentNode.hidden = section.hidden;
        if (!section.hidden) shown += some;
      }
      const what = [this.verdict, this.study && 'of ' + this.study].filter(Boolean).join(' ');
      this.found.textContent = what ? shown + (shown === 1 ? ' claim ' : ' claims ') + what + '. Press again to see all.' : '';
    }
  }

  for (const figure of document.querySelectorAll('figure[data-marks]')) new Picture(figure);
  new Filter();
})();
