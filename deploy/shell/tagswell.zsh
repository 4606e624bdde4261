#compdef tagswell
# Completion of tagswell for zsh. The program is asked, so that new commands and options need nothing here.
_tagswell() {
  local -a found
  if (( CURRENT == 2 )); then
    found=(${(f)"$($words[1] --help 2>/dev/null | awk '
      /^Subcommands:/ { listed = 1; next }
      listed && NF { name = $1; $1 = ""; print name ":" substr($0, 2); next }
      listed { exit }')"} '--help:Print this help message and exit')
    _describe command found
    return
  fi
  if [[ $CURRENT == 3 && $words[2] == connect && $PREFIX != -* ]]; then
    compadd jetstream mastodon
    return
  fi
  case $words[CURRENT-1] in
    --clock) compadd wall event; return ;;
    --fsync) compadd always interval never; return ;;
    --window) compadd 5m 1h 6h 12h 24h; return ;;
    --by) compadd authors posts; return ;;
    --type) compadd started rank milestone peaked ended retracted; return ;;
    --log_level) compadd debug info warn error off; return ;;
    --log_format) compadd text json; return ;;
  esac
  if [[ $PREFIX != -* ]]; then
    _files
    return
  fi
  # What an option does stands on its line, or on the next one where the option is long.
  found=(${(f)"$($words[1] $words[2] --help 2>/dev/null | awk '
    function tell() { if (name) print name ":" text; name = "" }
    /^ +(-h,)?--/ { tell(); name = $1; sub(/^-h,/, "", name); text = substr($0, 31); next }
    name && substr($0, 1, 30) ~ /^ +$/ { text = substr($0, 31) }
    END { tell() }')"})
  _describe option found
}
_tagswell "$@"
