/**
 * Makes Linux' e1000e driver accept MSI from QEMU: node patch-msi.ts e1000e.ko PATCHED.ko
 *
 * The driver tests MSI by setting interrupt cause bit 3 (RXSEQ), which QEMU 7.2's device cannot enable, and falls back to the pin. The test is changed to use bit 2 (link status): the
 * operand of the write to ICS (register 0xc8) and that of the handler's test. The signature at the file's end no longer fits and goes; the module then taints the kernel.
 */
import { readFileSync, writeFileSync } from 'node:fs';

/** Instructions that hold the bit, and where in them. */
const PLACES = [
  { code: [0xba, 0x08, 0, 0, 0, 0x89, 0x90, 0xc8, 0, 0, 0], at: 1 }, // mov $8, %edx; mov %edx, 0xc8(%rax)
  { code: [0x83, 0xe5, 0x08], at: 2 }, // and $8, %ebp
];
const LINK_STATUS = 4;
const SIGNATURE_END = '~Module signature appended~\n';
/** Between signature and end mark: its description, whose last word is the signature's length. */
const DESCRIPTION_BYTES = 12;

const [from = '', to = ''] = process.argv.slice(2);
const module = readFileSync(from);
for (const { code, at } of PLACES) {
  const bytes = Buffer.from(code);
  const place = module.indexOf(bytes);
  if (place < 0 || module.indexOf(bytes, place + 1) >= 0) throw new Error(`${from}: this driver's code is another one; MSI cannot be recorded with it`);
  module[place + at] = LINK_STATUS;
}
const end = module.length - SIGNATURE_END.length;
const signed = module.toString('latin1', end) === SIGNATURE_END;
writeFileSync(to, signed ? module.subarray(0, end - DESCRIPTION_BYTES - module.readUInt32BE(end - 4)) : module);
