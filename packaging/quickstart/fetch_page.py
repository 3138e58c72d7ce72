#!/usr/bin/env python3
"""Prints the version that the demo's page at URL shows: fetch_page.py URL"""
import re
import sys
import urllib.request

# Straight to the instance, whatever proxy the user has.
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
try:
    with opener.open(sys.argv[1], timeout=10) as answer:
        page = answer.read(1 << 20).decode("utf-8", "replace")
except OSError as error:
    sys.exit(f"{sys.argv[1]}: {error}")
found = re.search(r'<strong id="version">([^<]*)</strong>', page)
print(found.group(1) if found else "a page without a version")
