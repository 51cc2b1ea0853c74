// Asks for the state every few seconds and shows it: everything as text, curves as SVG of its own making.
(() => {
  'use strict';
  const EVERY = 2000;
  const SVG = 'http://www.w3.org/2000/svg';
  const COLOURS = 6;
  const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP] = [380, 150, 42, 22, 18];
  const at = id => document.getElementById(id);
  const make = (tag, name, text, parent) => {
    const node = document.createElement(tag);
    if (name) node.className = name;
    if (text) node.textContent = text;
    parent?.append(node);
    return node;
  };
  const draw = (tag, parent, attributes, text) => {
    const node = parent.appendChild(document.createElementNS(SVG, tag));
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    if (text !== undefined) node.textContent = text;
    return node;
  };
  const brief = value => (value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e6) ? value.toExponential(1) : String(Number(value.toPrecision(3))));

  const curve = (parent, chart, steps) => {
    const points = chart.lines.flatMap(line => line.points);
    if (!points.length) return;
    const ys = points.map(p => p[1]);
    let [low, high] = [Math.min(...ys), Math.max(...ys)];
    if (chart.name === 'accuracy') [low, high] = [0, 1];
    if (high === low) [low, high] = [low - 0.5, high + 0.5];
    const end = steps || Math.max(...points.map(p => p[0])) || 1;
    const x = value => LEFT + (value / end) * (WIDTH - LEFT - 8);
    const y = value => HEIGHT - BOTTOM - ((value - low) / (high - low)) * (HEIGHT - BOTTOM - TOP);
    const last = chart.lines.map(line => (line.name ? line.name + ' ' : '') + brief(line.points.at(-1)[1])).join(', ');
    const svg = draw('svg', parent, { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-label': `${chart.name} over steps, latest: ${last}`, 'data-chart': chart.name });
    for (const value of [low, high]) {
      draw('line', svg, { class: 'grid', x1: LEFT, x2: WIDTH - 8, y1: y(value), y2: y(value) });
      draw('text', svg, { class: 'axis', x: LEFT - 5, y: y(value) + 4, 'text-anchor': 'end' }, brief(value));
    }
    draw('text', svg, { class: 'axis', x: LEFT, y: 11 }, chart.name + (chart.name === 'loss' ? ' (nats)' : ''));
    draw('text', svg, { class: 'axis', x: LEFT, y: HEIGHT - 5 }, '0');
    draw('text', svg, { class: 'axis', x: WIDTH - 8, y: HEIGHT - 5, 'text-anchor': 'end' }, 'step ' + end.toLocaleString('en-US'));
    chart.lines.forEach((line, i) => {
      const series = 's' + (i % COLOURS);
      if (line.points.length > 1) draw('path', svg, { class: 'line ' + series, d: line.points.map((p, j) => (j ? 'L' : 'M') + x(p[0]).toFixed(1) + ' ' + y(p[1]).toFixed(1)).join(' ') });
      const [px, py] = line.points.at(-1);
      draw('circle', svg, { class: series, cx: x(px).toFixed(1), cy: y(py).toFixed(1), r: 3, style: 'fill: var(--series)' });
    });
  };

  const card = run => {
    const node = make('article', 'run');
    node.dataset.run = run.id;
    node.dataset.state = run.state;
    make('h3', '', [run.experiment, run.point || run.id].filter(Boolean).join(': '), node);
    make('p', '', [run.state, run.steps ? `step ${run.step.toLocaleString('en-US')} of ${run.steps.toLocaleString('en-US')}` : `step ${run.step}`, run.left].filter(Boolean).join(' · '), node);
    if (run.steps) {
      const bar = make('progress', '', '', node);
      bar.max = run.steps;
      bar.value = run.step;
      bar.setAttribute('aria-label', 'steps of ' + (run.point || run.id));
    }
    make('p', 'quiet', [run.id, run.seed && 'seed ' + run.seed, run.loss !== null && 'training loss ' + brief(run.loss), run.checkpoint].filter(Boolean).join(' · '), node);
    for (const chart of run.curves) curve(node, chart, run.steps);
    const names = run.curves.length ? run.curves[0].lines.map(line => line.name) : [];
    if (names.some(Boolean)) {
      const key = make('ul', 'key', '', node);
      names.forEach((name, i) => make('li', 's' + (i % COLOURS), name, key));
    }
    return node;
  };

  const row = run => {
    const line = document.createElement('tr');
    for (const name of ['id', 'experiment', 'point', 'seed', 'state', 'step', 'accuracy', 'age']) make('td', '', name === 'age' && run[name] ? run[name] + ' ago' : run[name], line).dataset.label = name;
    return line;
  };

  const show = state => {
    at('counts').textContent = state.counts;
    at('none').textContent = state.none;
    at('none').hidden = !state.none;
    at('open-runs').hidden = !state.open.length;
    at('finished-runs').hidden = !state.finished.length;
    at('open').replaceChildren(...state.open.map(card));
    at('finished').replaceChildren(...state.finished.map(row));
    at('more').textContent = state.more;
    trouble(state.notices.join('\n'));
    document.title = state.open.length ? `${state.open.length} open · Holonomy: runs` : 'Holonomy: runs';
  };

  const trouble = text => {
    at('trouble').textContent = text;
    at('trouble').hidden = !text;
  };

  const look = async () => {
    try {
      const answer = await fetch('state.json', { cache: 'no-store' });
      if (answer.ok) show(await answer.json());
      else trouble(await answer.text());
    } catch {
      trouble('holonomy watch does not answer any more: what is shown is the last it said. Start it again and open its new address.');
    }
    setTimeout(look, EVERY);
  };
  look();
})();
