/** Hands a file to the browser's downloads. */
export function saveFile(name: string, data: string | Uint8Array | Blob, type: string): void {
  const blob = data instanceof Blob ? data : new Blob([typeof data === 'string' ? data : new Uint8Array(data)], { type });
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  // Not before the download has begun.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
