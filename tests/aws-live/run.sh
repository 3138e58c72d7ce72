#!/bin/bash
# The end-to-end suite in a real AWS account: tests/aws-live/run.sh --help
set -euo pipefail
cd "$(dirname "$0")/../.."

if [ "${1:-}" = --help ]; then
    cat <<TEXT
Usage: tests/aws-live/run.sh

Bakes an image in a real account, deploys to a group behind a load balancer, recreates it under load, and removes what it made.
It costs a few cents and takes about an hour. Run it on a machine that instances of the VPC reach. Credentials and region come from
where the AWS SDKs look for them; besides, the environment has to say:

  GHOST_LIVE_SUBNETS         two subnets of one VPC, separated by a comma
  GHOST_LIVE_SECURITY_GROUP  a group of that VPC whose members reach each other and this machine (ports 5000 and 5001)
  GHOST_LIVE_ADDRESS         this machine's address, as instances reach it
  GHOST_LIVE_AGENT           a static ghost-agent: meson setup build-static -Dstatic_agent=true -Dprefer_static=true
TEXT
    exit 0
fi
for name in GHOST_LIVE_SUBNETS GHOST_LIVE_SECURITY_GROUP GHOST_LIVE_ADDRESS GHOST_LIVE_AGENT; do
    if [ -z "${!name:-}" ]; then
        echo "skipped: $name is not set (tests/aws-live/run.sh --help)"
        exit 77
    fi
done
packaging/dependencies.sh build test
[ -f build/build.ninja ] || meson setup build >/dev/null
ninja -C build
GHOST_BUILD=$PWD/build exec /usr/bin/python3 -B tests/aws-live/test_live.py -v
