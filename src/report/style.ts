/**
 * The look of octets, segments, verdicts and timelines: the site and the one-file report share it.
 *
 * @module
 */

/** Colours, in pairs of light and dark. `data-theme` on the root overrides what the reader's system prefers. */
export const PALETTE = `
:root { color-scheme: light dark;
  --paper: light-dark(#fcfbf8, #14171c); --raised: light-dark(#ffffff, #1b1f26); --sunk: light-dark(#f3f1eb, #0f1216);
  --ink: light-dark(#1b222c, #e3e6ea); --muted: light-dark(#56606c, #a0a9b5); --rule: light-dark(#dcd8cd, #2f353f);
  --edge: light-dark(#a9a595, #56606e); --link: light-dark(#0b5a87, #7dc5ee); --focus: light-dark(#b3470c, #ffb27a);
  --lane-a: light-dark(#00698c, #45bde0); --lane-b: light-dark(#b3470c, #f59a5c); --lane-c: light-dark(#6b3fa0, #bb98ec);
  --lane-d: light-dark(#3d7317, #98cf6a); --lane-e: light-dark(#a0275f, #f083b3); --lane-f: light-dark(#6a5a00, #d5bd3f);
  --good: light-dark(#1d6b35, #74cf8e); --bad: light-dark(#b3182a, #ff8a8f); --unsure: light-dark(#56606c, #a0a9b5);
  --warn: light-dark(#8a5300, #f0b54a);
  --tone-head: light-dark(#56606c, #a0a9b5); --tone-flag: light-dark(#7a5c00, #e0bd4f); --tone-key: light-dark(#8f2470, #ec8fd0);
  --tone-seq: light-dark(#1550a5, #8ab8ff); --tone-sum: light-dark(#0f6a66, #63cdc6); --tone-addr: light-dark(#2c6b1e, #93d07f);
  --tone-data: light-dark(#1b222c, #e3e6ea); --tone-plain: light-dark(#6c7580, #8a939f); }
[data-theme=light] { color-scheme: light; }
[data-theme=dark] { color-scheme: dark; }
`;

/** What the one-file report has of a page. */
export const REPORT = `
.report { margin: 0; background: var(--paper); color: var(--ink); font: 400 16px/1.55 system-ui, "Segoe UI", Roboto, sans-serif; overflow-wrap: break-word; }
.report main { max-width: 84rem; margin: 0 auto; padding: 1.5rem clamp(1rem, 3vw, 2rem) 3rem; border-top: 2px solid var(--lane-a); box-shadow: inset 0 4px var(--paper), inset 0 6px var(--lane-b); }
.report h1 { font-size: 1.9rem; line-height: 1.2; } .report h2 { font-size: 1.35rem; border-top: 1px solid var(--rule); padding-top: 1rem; margin: 2.2rem 0 0.8rem; }
.report code { font-family: ui-monospace, Menlo, Consolas, monospace; font-size: 0.88em; }
.report table { border-collapse: collapse; font-size: 0.9rem; } .report a { color: var(--link); }
.report th, .report td { text-align: left; vertical-align: top; padding: 0.35rem 0.9rem 0.35rem 0; border-bottom: 1px solid var(--rule); }
.report thead th { color: var(--muted); font-size: 0.82rem; }
.report .scroll { overflow-x: auto; margin-bottom: 1.2rem; } .report .muted, .report footer { color: var(--muted); font-size: 0.88rem; }
`;

/** Octets with their fields, segments, verdicts, findings. */
export const FIGURES = `
.tone-head { --tone: var(--tone-head); } .tone-flag { --tone: var(--tone-flag); } .tone-key { --tone: var(--tone-key); }
.tone-seq { --tone: var(--tone-seq); } .tone-sum { --tone: var(--tone-sum); } .tone-addr { --tone: var(--tone-addr); }
.tone-data { --tone: var(--tone-data); } .tone-plain { --tone: var(--tone-plain); }
.lane-0 { --lane: var(--lane-a); } .lane-1 { --lane: var(--lane-b); } .lane-2 { --lane: var(--lane-c); }
.lane-3 { --lane: var(--lane-d); } .lane-4 { --lane: var(--lane-e); } .lane-5 { --lane: var(--lane-f); }

.octets { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 0.6rem 2rem; align-items: start; margin: 0 0 1.2rem; }
.octets .hex { font: 400 0.92rem/1 var(--mono); position: sticky; top: 4rem; }
.octets .row { display: flex; margin-bottom: 2px; }
.octets .row::before { content: attr(data-at); color: var(--muted); font-size: 0.72rem; width: 2.2rem; padding-top: 0.4rem; flex: none; }
.octets .o { padding: 0.28rem 0.22rem 0.2rem; border-bottom: 3px solid var(--tone, transparent); margin-right: 0.16rem; cursor: pointer; background: color-mix(in srgb, var(--tone, transparent) 9%, transparent); }
.octets .o:nth-of-type(4) { margin-right: 0.6rem; }
.octets .o.on, .octets tr.on { background: color-mix(in srgb, var(--tone) 30%, transparent); }
.octets .o.pin, .octets tr.pin { box-shadow: inset 0 0 0 2px var(--tone); }
.octets table { width: 100%; min-width: 0; font-size: 0.86rem; margin: 0; }
.octets td, .octets th { padding: 0.22rem 0.5rem; }
.octets .layer th { padding-top: 0.7rem; color: var(--ink); }
.octets td:first-child { font: 400 0.76rem/1.7 var(--mono); color: var(--muted); white-space: nowrap; border-left: 4px solid var(--tone); }
.octets td.v { font-family: var(--mono); font-size: 0.82rem; overflow-wrap: anywhere; }
.octets td.m { color: var(--muted); font-size: 0.82rem; }
.octets tr[data-f] { cursor: pointer; }
@media (max-width: 62rem) { .octets { grid-template-columns: minmax(0, 1fr); } .octets .hex { position: static; } }
@media (max-width: 30rem) { .draw { padding: 0.4rem 0.2rem; } .octets .hex { font-size: 0.8rem; }  .octets .row::before { width: 1.5rem; } .octets td.m { display: none; } }

.verdict { font-size: 0.78rem; font-weight: 600; padding: 0.05rem 0.4rem; border-radius: 3px; border: 1px solid currentColor; white-space: nowrap; }
.verdict.good { color: var(--good); } .verdict.bad { color: var(--bad); } .verdict.unverified { color: var(--unsure); border-style: dashed; }

.bits { max-width: 100%; height: auto; display: block; margin: 0.3rem 0 0.9rem; }
.bits text { font: 400 12px var(--sans); fill: var(--ink); text-anchor: middle; }
.bits .value { font: 400 11px var(--mono); fill: var(--muted); }
.bits .ruler text { font: 400 10px var(--mono); fill: var(--muted); }
.bits rect { fill: color-mix(in srgb, var(--tone) 11%, var(--raised)); }
.bits path { stroke: var(--tone); stroke-width: 1.4; fill: none; }
.bits-16 { display: none; }
@media (max-width: 40rem) { .bits-16 { display: block; } .bits-32 { display: none; } }

.timeline { display: block; min-width: 100%; height: auto; }
.timeline text { font: 400 11px var(--sans, sans-serif); fill: var(--ink); }
.timeline .name { font-weight: 600; font-size: 12px; }
.timeline .ends { font: 400 10.5px var(--mono, monospace); fill: var(--muted); }
.timeline .time { font: 400 10px var(--mono, monospace); fill: var(--muted); text-anchor: middle; }
.timeline .word { font: 600 9.5px var(--mono, monospace); }
.timeline .tick { stroke: var(--rule); stroke-dasharray: 2 4; }
.timeline .lane .name { fill: var(--lane); }
.timeline .line { stroke: var(--lane); stroke-width: 3; fill: none; }
.timeline .data { stroke: var(--lane); stroke-width: 4; }
.timeline .data.again { stroke-dasharray: 3 2; }
.timeline .loop { stroke: var(--warn); stroke-width: 2; fill: none; }
.timeline .ack { stroke: var(--lane); stroke-width: 1.5; opacity: 0.65; }
.timeline .fin { stroke: var(--ink); stroke-width: 4; }
.timeline .rst { stroke: var(--bad); stroke-width: 3; }
.timeline .plain { fill: var(--paper); stroke: var(--lane); stroke-width: 2.5; }
.timeline .good { fill: var(--good); } .timeline .bad { fill: var(--bad); }
.timeline .unverified { fill: var(--paper); stroke: var(--unsure); stroke-width: 2; stroke-dasharray: 2 2; }
.timeline .sign { stroke: var(--paper); stroke-width: 1.8; fill: none; }
.timeline .touch { fill: transparent; }
.timeline a { cursor: pointer; }
.timeline a:is(:hover, :focus-visible) .touch { fill: var(--focus); opacity: 0.3; }
.timeline .base { stroke: var(--edge); }
.timeline .acked { stroke: var(--ink); stroke-width: 1; stroke-dasharray: 4 3; fill: none; opacity: 0.7; }
.timeline .crowd { stroke-width: 1.4; }
.timeline .bar { stroke: var(--lane); stroke-width: 4; fill: none; }
.timeline .bar.reinjected { stroke-width: 7; stroke-dasharray: 3 2; }
.timeline .bar.retransmitted { opacity: 0.55; }

.counts { font-size: 1.05rem; }
.facts { display: flex; flex-wrap: wrap; gap: 0.4rem 2rem; margin: 0 0 1rem; }
.facts dt { color: var(--muted); font-size: 0.8rem; } .facts dd { margin: 0; }
.check { display: inline-block; margin-right: 0.8rem; }
.findings { list-style: none; padding: 0; margin: 0 0 1.2rem; }
.findings li { border-left: 5px solid var(--sev); padding: 0.5rem 0.9rem; margin: 0 0 0.5rem; background: var(--sunk); }
.findings p { margin: 0; max-width: 70rem; } .findings .advice { margin-top: 0.3rem; } .findings .where { color: var(--muted); font-size: 0.85rem; margin-top: 0.2rem; }
.error { --sev: var(--bad); } .warning { --sev: var(--warn); } .note { --sev: var(--tone-seq); }
.severity { color: var(--sev); } .severity.error, .severity.warning { font-weight: 600; }
.healthy::before { content: "✓ "; color: var(--good); }
.draw { border: 1px solid var(--rule); border-radius: 6px; padding: 0.6rem 0.8rem; background: linear-gradient(90deg, var(--paper) 40%, transparent) 0 / 2.5rem 100% no-repeat local, linear-gradient(270deg, var(--paper) 40%, transparent) 100% / 2.5rem 100% no-repeat local, linear-gradient(90deg, var(--rule), transparent) 0 / 0.9rem 100% no-repeat, linear-gradient(270deg, var(--rule), transparent) 100% / 0.9rem 100% no-repeat, var(--paper); }
.legend { font-size: 0.84rem; color: var(--muted); }
.swatch { display: inline-block; width: 0.75rem; height: 0.75rem; background: var(--lane); margin-right: 0.45rem; }
.list > summary { cursor: pointer; font-weight: 600; padding: 0.4rem 0; }
.segs { font-size: 0.84rem; table-layout: fixed; width: 100%; min-width: 56rem; } .segs th:nth-child(1), .segs th:nth-child(3), .segs th:nth-child(4) { width: 4.6rem; } .segs th:nth-child(2), .segs th:nth-child(5) { width: 6rem; } .segs th:last-child { width: 9rem; } .segs td { overflow-wrap: anywhere; } .segs tr:target { background: color-mix(in srgb, var(--focus) 25%, transparent); } .segs td:nth-child(2) { white-space: nowrap; }
`;
