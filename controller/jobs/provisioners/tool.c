#include "jobs/provisioners/tool.h"

static const char package_install[] =
        "        export DEBIAN_FRONTEND=noninteractive\n"
        "        if command -v apt-get >/dev/null; then\n"
        "                apt-get -q -o DPkg::Lock::Timeout=300 update\n"
        "                apt-get -qy -o DPkg::Lock::Timeout=300 install --no-install-recommends %s\n"
        "        elif command -v dnf >/dev/null; then\n"
        "                dnf -y install %s\n"
        "        else\n"
        "                yum -y install %s\n"
        "        fi\n"
        "        systemctl disable --now %s >/dev/null 2>&1 || true\n" /* where it is a service too */
        "        installed=yes\n";

static const char package_removal[] =
        "if [ \"$installed\" = yes ]; then\n"
        "        if command -v apt-get >/dev/null; then\n"
        "                apt-get -qy -o DPkg::Lock::Timeout=300 purge --auto-remove %s\n"
        "        elif command -v dnf >/dev/null; then\n"
        "                dnf -y remove %s\n"
        "        else\n"
        "                yum -y remove %s\n"
        "        fi\n"
        "fi\n";

void tool_write_install(const Tool *tool, Text *commands) {
        text_appendf(commands, "installed=no\nif ! command -v %s >/dev/null; then\n", tool->program);
        switch ((ToolInstall) tool->install) {
        case TOOL_INSTALL_PACKAGE:
                text_appendf(
                        commands, package_install, tool->package, tool->package, tool->package,
                        tool->package);
                break;
        case TOOL_INSTALL_VENV:
                text_appendf(
                        commands,
                        "        python3 -m venv \"$folder/.tool\"\n"
                        "        \"$folder/.tool/bin/pip\" install --quiet --no-cache-dir %s\n"
                        "        PATH=$folder/.tool/bin:$PATH\n",
                        tool->module);
                break;
        case TOOL_INSTALL_NONE:
        case TOOL_INSTALL_COUNT:
                text_appendf(
                        commands,
                        "        echo \"%s is not in the source image, and is not to be installed\" >&2\n"
                        "        exit 1\n",
                        tool->program);
        }
        text_append(commands, "fi\n");
}

void tool_write_removal(const Tool *tool, Text *commands) {
        if (tool->install == TOOL_INSTALL_PACKAGE)
                text_appendf(commands, package_removal, tool->package, tool->package, tool->package);
}
