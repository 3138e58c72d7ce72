#!/bin/sh
# ghost-agent begin
# controller = 10.0.0.1:5001
# token = abc
# ca = LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCg==
# ghost-agent end
