// Charts on uPlot, in the colours of the page.

import { compact, h } from "./kit.js";

const COLOURS = 8;

function token(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function colour(index) {
  return token(`--series-${(index % COLOURS) + 1}`);
}

function axis(extra) {
  return {
    stroke: token("--muted"), font: "12px system-ui, sans-serif", ticks: { show: false },
    grid: { stroke: token("--line"), width: 1 }, ...extra,
  };
}

// Each series on top of those before it.
function stack(series) {
  const sum = new Array(series[0]?.values.length ?? 0).fill(0);
  return series.map(({ values }) => values.map((value, at) => (sum[at] += value ?? 0)));
}

const times = [
  [86400, "{D} {MMM}", null, null, null, null, null, null, 1],
  [3600, "{HH}:{mm}", "\n{D} {MMM}", null, "\n{D} {MMM}", null, null, null, 1],
  [60, "{HH}:{mm}", "\n{D} {MMM}", null, "\n{D} {MMM}", null, null, null, 1],
  [1, "{HH}:{mm}:{ss}", "\n{D} {MMM}", null, "\n{D} {MMM}", null, null, null, 1],
];

function shade(u, bands) {
  for (const { from, to, strength } of bands) {
    // On whole pixels, so that neighbours leave no seam.
    const left = Math.round(Math.max(u.valToPos(from, "x", true), u.bbox.left));
    const right = Math.round(Math.min(u.valToPos(to, "x", true), u.bbox.left + u.bbox.width));
    if (right <= left || !strength) continue;
    u.ctx.save();
    u.ctx.globalAlpha = strength;
    u.ctx.fillStyle = token("--quiet-hours");
    u.ctx.fillRect(left, u.bbox.top, right - left, u.bbox.height);
    u.ctx.restore();
  }
}

// The legend below the plot, with the values under the pointer.
function tell(u, readout, { x, series, steps }) {
  let at = u.cursor.idx == null ? null : Math.min(u.cursor.idx, x.length - 1);
  // uPlot takes the nearest x; where a value holds until the next x, it is the one before the pointer.
  if (at && steps && x[at] > u.posToVal(u.cursor.left, "x")) at -= 1;
  const when = at == null ? null : new Date(x[at] * 1000);
  readout.replaceChildren(
    ...series.map((one, index) => h("span", { class: "key" },
      h("i", { style: { background: one.colour ?? colour(index) } }), one.label,
      at == null ? null : h("b", {}, compact(one.values[at])))),
    h("span", {}, when ? when.toLocaleString("en", {
      weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
    }) : ""),
  );
}

function curve(one, index, { stacked, steps }) {
  const ink = one.colour ?? colour(index);
  return {
    label: one.label, stroke: ink, fill: stacked ? ink : undefined, width: stacked ? 0 : 1.75, dash: one.dash,
    points: { show: false }, paths: steps ? uPlot.paths.stepped({ align: 1 }) : uPlot.paths.linear(),
  };
}

function draw(place, readout, options) {
  const { x, series, stacked, steps, height, bands = [], onlayout } = options;
  // Without an end the last step would have no width.
  const end = (points, last) => (steps && x.length > 1 ? [...points, last] : points);
  const drawn = (stacked ? stack(series) : series.map(({ values }) => values))
    .map((values) => end(values, values.at(-1)));
  const order = series.map((_, index) => index);
  if (stacked) order.reverse();
  const plot = new uPlot({
    width: Math.max(200, place.clientWidth), height,
    legend: { show: false },
    cursor: { y: false, points: { show: !stacked }, drag: { x: false, y: false } },
    scales: { y: { range: (_, low, high) => [0, high > 0 ? high * 1.08 : 1] } },
    axes: [
      axis({ values: times, grid: { show: false }, space: 70 }),
      axis({ values: (_, ticks) => ticks.map((tick) => (Number.isInteger(tick) ? compact(tick) : "")), size: 52 }),
    ],
    series: [{}, ...order.map((index) => curve(series[index], index, options))],
    hooks: {
      drawClear: [(u) => shade(u, bands)],
      setCursor: [(u) => tell(u, readout, options)],
      draw: [(u) => onlayout?.(u.bbox.left / devicePixelRatio, u.bbox.width / devicePixelRatio)],
    },
  }, [end(x, 2 * x.at(-1) - x.at(-2)), ...order.map((index) => drawn[index])], place);
  tell(plot, readout, options);
  return plot;
}

// A chart over time that fills root's width and follows the theme. Returns a function that ends it.
//   x        seconds since 1970
//   series   [{ label, values, colour?: CSS colour, dash?: [4, 4] }]
//   height   in CSS pixels
//   describe one sentence for those who cannot see the curve
//   stacked? areas on top of each other; else lines
//   steps?   each value holds until the next x
//   bands?   [{ from, to, strength: 0…1 }] shaded behind, such as quiet hours
//   onlayout? (left, width): where the plot stands in root, in CSS pixels
export function timeChart(root, options) {
  const { height, describe } = options;
  const place = h("div", { class: "chart", role: "img", "aria-label": describe });
  const readout = h("div", { class: "readout" });
  root.append(place, readout);
  let plot = draw(place, readout, options);
  const redraw = () => {
    plot.destroy();
    plot = draw(place, readout, options);
  };
  const resized = new ResizeObserver(() => {
    if (place.clientWidth && place.clientWidth !== plot.width) plot.setSize({ width: place.clientWidth, height });
  });
  resized.observe(place);
  addEventListener("themechange", redraw);
  return () => {
    removeEventListener("themechange", redraw);
    resized.disconnect();
    plot.destroy();
  };
}
