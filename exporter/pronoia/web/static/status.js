// Draws one series of a query: the last day, the forecast with its interval, thresholds, and now.
"use strict";

(() => {
  const MOST_SERIES = 100;
  const HEIGHT = 280;
  const chart = document.getElementById("chart");
  const query = document.getElementById("query");
  const series = document.getElementById("series");
  const words = document.getElementById("words");
  if (!chart) return;

  let curves = null;
  let plot = null;

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

  const named = (metric) => {
    const shown = Object.entries(metric).filter(([name]) => name !== "__name__");
    return shown.map(([name, value]) => `${name}=${value}`).join(", ") || metric.__name__ || "the only one";
  };

  const instants = (grid) => Array.from({ length: grid.steps }, (_, i) => grid.startSeconds + i * grid.stepSeconds);

  const blank = (n) => new Array(n).fill(null);

  function columns(one) {
    const past = curves.past ? instants(curves.past) : [];
    const future = instants(curves.future);
    const before = blank(past.length);
    const limits = curves.thresholds.map((limit) => new Array(past.length + future.length).fill(limit));
    return [
      [...past, ...future],
      [...one.past, ...blank(future.length)],
      [...before, ...one.point],
      [...before, ...one.upper],
      [...before, ...one.lower],
      ...limits,
    ];
  }

  const axis = () => ({ stroke: colour("ink"), grid: { stroke: colour("line"), width: 1 }, ticks: { stroke: colour("line") } });

  function options() {
    const line = (label, name, more = {}) => ({ label, stroke: colour(name), width: 1.5, points: { show: false }, ...more });
    const edge = (label) => line(label, "band", { width: 0.5 });
    return {
      width: chart.clientWidth,
      height: HEIGHT,
      series: [
        {},
        line("actual", "actual"),
        line("forecast", "forecast", { dash: [5, 4] }),
        edge("upper"),
        edge("lower"),
        ...curves.thresholds.map((limit) => line(`threshold ${limit}`, "limit", { dash: [10, 10] })),
      ],
      bands: [{ series: [3, 4], fill: colour("band") }],
      axes: [axis(), { ...axis(), size: 70 }],
      scales: { x: { time: true } },
    };
  }

  function told(one) {
    const last = one.point.length - 1;
    const hours = Math.round(((last + 1) * curves.future.stepSeconds) / 360) / 10;
    const known = one.past.filter((value) => value !== null);
    const now = known.length ? `Now ${known[known.length - 1]}. ` : "";
    const level = Math.round(curves.level * 100);
    const highest = Math.max(...one.upper.filter((value) => value !== null));
    return `${now}Expected in ${hours} hours: ${one.point[last]}, with ${level} % between ${one.lower[last]} and ` +
      `${one.upper[last]}; until then at most ${highest}. ${curves.unit ? `Unit: ${curves.unit}.` : ""}`;
  }

  function draw() {
    const one = curves.series[series.selectedIndex];
    if (plot) plot.destroy();
    plot = null;
    if (!one) return;
    plot = new uPlot(options(), columns(one), chart);
    chart.setAttribute("aria-label", `The last day and the forecast of ${curves.query}, ${named(one.metric)}`);
    words.textContent = told(one);
  }

  async function load() {
    const asked = new URLSearchParams({ query: query.value, limit: MOST_SERIES });
    try {
      const reply = await fetch(`api/v1/curves?${asked}`);
      const body = await reply.json();
      if (body.status !== "success") throw new Error(body.error);
      curves = body.data;
    } catch (error) {
      if (plot) plot.destroy();
      plot = null;
      words.textContent = `No curve: ${error.message}`;
      return;
    }
    series.replaceChildren(...curves.series.map((one) => new Option(named(one.metric))));
    draw();
  }

  query.addEventListener("change", load);
  series.addEventListener("change", draw);
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => curves && draw());
  let wait = 0;
  window.addEventListener("resize", () => {
    clearTimeout(wait);
    wait = setTimeout(() => curves && draw(), 150);
  });
  load();
})();
