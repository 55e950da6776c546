/** Hands a file to the person; no kernel and no server is asked. */

/** Milliseconds after which the browser has surely begun to read the file. */
const READ_BY = 60_000;

export function download(pieces: readonly BlobPart[], type: string, name: string): void {
  const url = URL.createObjectURL(new Blob([...pieces], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), READ_BY);
}
