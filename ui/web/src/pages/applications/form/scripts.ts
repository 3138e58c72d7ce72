/** Scripts are base64 of UTF-8 in the API, and text to whoever writes them. */

const SCRIPTS =
    /^(lifecycle_hooks\.(pre_buildimage|post_buildimage|pre_bootstrap|post_bootstrap)|blue_green\.hooks\.(pre_swap|post_swap)|modules\.\d+\.(build_pack|pre_deploy|post_deploy|after_all_deploy|health_check\.command))$/;

export function isScriptPath(path: string): boolean {
    return SCRIPTS.test(path);
}

export function encodeScript(text: string): string {
    const bytes = new TextEncoder().encode(text.replace(/\r\n/g, "\n"));
    let binary = "";
    // In pieces: a call takes only so many arguments.
    for (let at = 0; at < bytes.length; at += 8192) binary += String.fromCharCode(...bytes.subarray(at, at + 8192));
    return btoa(binary);
}

/** What is not base64 of a text is shown as it is. */
export function decodeScript(encoded: string): string {
    try {
        const binary = atob(encoded);
        return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(binary, (one) => one.charCodeAt(0)));
    } catch {
        return encoded;
    }
}
