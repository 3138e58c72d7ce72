# shellcheck shell=sh
# Installs ghost-agent on a builder whose image has none. The checksum came with this script, by way of AWS: what is fetched is
# believed because of it, whoever answers.
install_agent() {
    root=${GHOST_INSTALL_ROOT:-}
    program=$root/usr/local/bin/ghost-agent
    unit=$root/etc/systemd/system/ghost-agent.service
    draft=$(mktemp) || return 1
    try=0
    until curl -fsSk --connect-timeout 5 -o "$draft" "$GHOST_AGENT_URL" || wget -q --no-check-certificate -T 5 -O "$draft" "$GHOST_AGENT_URL"; do
        try=$((try + 1))
        if [ $try -ge "${GHOST_INSTALL_TRIES:-60}" ]; then
            echo "ghost-agent: $GHOST_AGENT_URL cannot be fetched" >&2
            return 1
        fi
        sleep 5
    done
    if ! echo "$GHOST_AGENT_SHA256  $draft" | sha256sum -c - >/dev/null 2>&1; then
        echo "ghost-agent: what $GHOST_AGENT_URL gave has not the checksum $GHOST_AGENT_SHA256" >&2
        rm -f "$draft"
        return 1
    fi
    mkdir -p "${program%/*}" "${unit%/*}"
    mv "$draft" "$program" && chmod 755 "$program" || return 1
    cat >"$unit" <<UNIT
[Unit]
Description=Ghost agent
Wants=network-online.target
After=network-online.target

[Service]
ExecStart=/usr/local/bin/ghost-agent
Restart=on-failure
RestartSec=2

[Install]
WantedBy=multi-user.target
UNIT
    systemctl daemon-reload && systemctl enable --now ghost-agent
}

if ! command -v ghost-agent >/dev/null 2>&1; then
    install_agent
fi
