/** Gives the reader a file to keep. */
export function download(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

/** Saves what an instrument shows as a PNG file. */
export function savePicture(place: HTMLElement, name: string): void {
  place.querySelector('canvas')?.toBlob((blob) => { if (blob) download(blob, `${name}.png`); }, 'image/png');
}
