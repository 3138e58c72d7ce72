/* Finds its way in a release's tree without following any link, whoever put it there. */
#pragma once

/* The folder that holds the path's last part, opened part by part from root; *ret_name: that part. -1 with
 * errno. */
int tree_open_parent(int root, const char *path, const char **ret_name);
