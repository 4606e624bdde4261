# Completion of tagswell for fish. The program is asked, so that new commands and options need nothing here.
function __tagswell_commands
    set -l words (commandline -opc)
    $words[1] --help 2>/dev/null | awk '
      /^Subcommands:/ { listed = 1; next }
      listed && NF { name = $1; $1 = ""; print name "\t" substr($0, 2); next }
      listed { exit }'
end

# What an option does stands on its line, or on the next one where the option is long.
function __tagswell_options
    set -l words (commandline -opc)
    $words[1] $words[2] --help 2>/dev/null | awk '
      function tell() { if (name) print name "\t" text; name = "" }
      /^ +(-h,)?--/ { tell(); name = $1; sub(/^-h,/, "", name); text = substr($0, 31); next }
      name && substr($0, 1, 30) ~ /^ +$/ { text = substr($0, 31) }
      END { tell() }'
end

function __tagswell_option_is_typed
    not __fish_use_subcommand; and string match -q -- '-*' (commandline -ct)
end

function __tagswell_after
    test (commandline -opc)[-1] = $argv[1]
end

complete -c tagswell -n __fish_use_subcommand -f -a '(__tagswell_commands)'
complete -c tagswell -n __fish_use_subcommand -l help -d 'Print this help message and exit'
complete -c tagswell -n __tagswell_option_is_typed -f -a '(__tagswell_options)'
complete -c tagswell -n '__tagswell_after connect' -f -a 'jetstream mastodon'
complete -c tagswell -n '__tagswell_after --clock' -f -a 'wall event'
complete -c tagswell -n '__tagswell_after --fsync' -f -a 'always interval never'
complete -c tagswell -n '__tagswell_after --window' -f -a '5m 1h 6h 12h 24h'
complete -c tagswell -n '__tagswell_after --by' -f -a 'authors posts'
complete -c tagswell -n '__tagswell_after --type' -f -a 'started rank milestone peaked ended retracted'
complete -c tagswell -n '__tagswell_after --log_level' -f -a 'debug info warn error off'
complete -c tagswell -n '__tagswell_after --log_format' -f -a 'text json'
