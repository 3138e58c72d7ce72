/** Which members of an application are scripts: base64 in the API, text to whoever writes them. */

const SCRIPTS =
    /^(lifecycle_hooks\.(pre_buildimage|post_buildimage|pre_bootstrap|post_bootstrap)|blue_green\.hooks\.(pre_swap|post_swap)|modules\.\d+\.(build_pack|pre_deploy|post_deploy|after_all_deploy|health_check\.command))$/;

export function isScriptPath(path: string): boolean {
    return SCRIPTS.test(path);
}
