import { chromeJson } from './chrome-json.ts';
import type { ExportFormat } from './exporter.ts';
import { folded } from './folded.ts';
import { parquet } from './parquet.ts';
import { pcap } from './pcap.ts';
import { perfetto } from './perfetto.ts';
import { pprof } from './pprof.ts';
import { speedscope } from './speedscope.ts';

/** Every format that traces can be written in. Of two extensions that fit a name, the longer one counts. */
export const EXPORT_FORMATS: readonly ExportFormat[] = [perfetto, chromeJson, speedscope, pprof, folded, pcap, parquet];
