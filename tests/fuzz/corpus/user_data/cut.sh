# ghost-agent begin
# token