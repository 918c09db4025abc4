import { type BandStudy, COVERED } from './bands.ts';
import { inPercent, markdownTable } from './markdown.ts';
import { over, type PointSet } from './points.ts';
import { verdictText } from './tables.ts';

/** The section of a report on what is not known about the costs. */
export function bandsSection({ bands, claims, points: drawn, draws, setting }: BandStudy, points: PointSet): string {
  const rows = bands.map(({ system, loadMbps, published, median, low, high }) => {
    const point = points.at(system, loadMbps, setting.pacing);
    const sd = point === null ? null : over(point, (run) => run.utilisation).sd;
    return [system, String(loadMbps), inPercent(published, 2), inPercent(median, 2), `${inPercent(low, 2)}..${inPercent(high, 2)}`, sd === null ? '' : inPercent(sd, 4)];
  });
  const shares = claims.map(({ id, publishedHolds, held, judged, text }) => [id, verdictText(publishedHolds), `${held} of ${judged}`, text]);
  const [first] = draws;
  return `## What is not known about the costs

![Fig 4 with the uncertainty of the costs](fig4-bands.png)

${drawn.length} draws of a Latin hypercube over the published ranges of ${Object.keys(first ?? {}).length} costs, each draw simulated for every system at every load (${setting.duration} s, of which ${setting.warmup} s are cut). A cost is drawn uniformly from low to value with
one half of the probability and uniformly from value to high with the other, so the published value is its median; reads and writes of one slow device move together. Code that systems share is one
row and moves in all of them, so differences of systems are better known than each alone. Many ranges reach further up than down, which is why the median over the draws lies above the published result.
The ${COVERED * 100} % band is the middle of the draws; beside it the standard deviation over replications, which says how far runs differ.

${markdownTable(['system', 'load (Mb/s)', 'published (%)', 'median (%)', `${COVERED * 100} % band (%)`, 'sd of runs'], 'lrrrrr', rows)}

How often each claim holds over the draws, by the true sums (F4.3 is about spreads, which a short run does not have):

${markdownTable(['claim', 'as published', 'holds in', 'what is checked'], 'llrl', shares)}`;
}
