import { DEVICE_ACCESS } from './device-access.ts';
import { FTRACE } from './ftrace.ts';
import type { ImportFormat } from './importer.ts';
import { KERNEL_ENTRIES } from './kernel-entries.ts';
import { PCAP } from './pcap.ts';
import { PCAPNG } from './pcapng.ts';
import { PERF_SCRIPT } from './perf-script.ts';
import { QEMU_LOG } from './qemu-log.ts';

/** The formats that can be imported. The first that knows a file by its content takes it, so those with a magic number come first, then the most particular texts. */
export const IMPORT_FORMATS: readonly ImportFormat[] = [PCAP, PCAPNG, KERNEL_ENTRIES, DEVICE_ACCESS, QEMU_LOG, FTRACE, PERF_SCRIPT];
