const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];

/** "77.3 GiB" */
export function bytesText(bytes: number | undefined | null): string {
    if (bytes === undefined || bytes === null) return "";
    let size = bytes;
    let unit = 0;
    while (size >= 1024 && unit < UNITS.length - 1) {
        size /= 1024;
        unit++;
    }
    return `${unit === 0 ? size : size.toFixed(1)} ${UNITS[unit]}`;
}
