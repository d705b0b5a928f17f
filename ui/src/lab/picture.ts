/** Saves what an instrument shows as a PNG file. */
export function save(place: HTMLElement, name: string): void {
  place.querySelector('canvas')?.toBlob((blob) => {
    if (!blob) return;
    const link = document.createElement('a');
    link.href = URL.createObjectURL(blob);
    link.download = `${name}.png`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }, 'image/png');
}
