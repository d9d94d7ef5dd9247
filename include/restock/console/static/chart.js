// Charts on uPlot, in the colours of the page.

import { compact, h } from "./kit.js";

const COLOURS = 8;

function token(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

export function colour(index) {
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

// A chart over time that fills root's width and follows the theme. Returns a function that ends it.
//   x        seconds since 1970
//   series   [{ label, values, colour?: CSS colour, dash?: [4, 4] }]
//   stacked  areas on top of each other; else lines
//   steps    each value holds until the next x
//   bands    [{ from, to, strength: 0…1 }] shaded behind, such as quiet hours
//   describe one sentence for those who cannot see the curve
//   onlayout (left, width): where the plot stands in root, in CSS pixels
export function timeChart(root, options) {
  const { x, series, stacked = false, steps = false, bands = [], describe = "", height = 240, onlayout } = options;
  const place = h("div", { class: "chart", role: "img", "aria-label": describe });
  const readout = h("div", { class: "readout" });
  root.append(place, readout);
  let plot = null;

  function shade(u) {
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

  function tell(u) {
    let at = u.cursor.idx ?? null;
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

  function draw() {
    plot?.destroy();
    const paths = steps ? uPlot.paths.stepped({ align: 1 }) : uPlot.paths.linear();
    const drawn = stacked ? stack(series) : series.map(({ values }) => values);
    const order = series.map((_, index) => index);
    if (stacked) order.reverse();
    plot = new uPlot({
      width: Math.max(200, place.clientWidth), height,
      legend: { show: false },
      cursor: { y: false, points: { show: !stacked }, drag: { x: false, y: false } },
      scales: { y: { range: (_, low, high) => [0, high > 0 ? high * 1.08 : 1] } },
      axes: [
        axis({ values: times, grid: { show: false }, space: 70 }),
        axis({ values: (_, ticks) => ticks.map((tick) => (Number.isInteger(tick) ? compact(tick) : "")), size: 52 }),
      ],
      series: [{}, ...order.map((index) => ({
        label: series[index].label,
        stroke: series[index].colour ?? colour(index),
        fill: stacked ? series[index].colour ?? colour(index) : undefined,
        width: stacked ? 0 : 1.75, dash: series[index].dash, points: { show: false }, paths,
      }))],
      hooks: {
        drawClear: [shade],
        setCursor: [tell],
        draw: [(u) => onlayout?.(u.bbox.left / devicePixelRatio, u.bbox.width / devicePixelRatio)],
      },
    }, [x, ...order.map((index) => drawn[index])], place);
    tell(plot);
  }

  const resized = new ResizeObserver(() => {
    if (plot && place.clientWidth && place.clientWidth !== plot.width) plot.setSize({ width: place.clientWidth, height });
  });
  draw();
  resized.observe(place);
  addEventListener("themechange", draw);
  return () => {
    removeEventListener("themechange", draw);
    resized.disconnect();
    plot.destroy();
  };
}
