# Completion of tagswell for bash. The program is asked, so that new commands and options need nothing here.
_tagswell() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]}
  if [ "$COMP_CWORD" -eq 1 ]; then
    local commands
    commands=$("${COMP_WORDS[0]}" --help 2>/dev/null | awk '/^Subcommands:/ { listed = 1; next } listed && !NF { exit } listed { print $1 }')
    COMPREPLY=($(compgen -W "$commands --help" -- "$word"))
    return
  fi
  if [ "$COMP_CWORD" -eq 2 ] && [ "$command" = connect ] && [[ $word != -* ]]; then
    COMPREPLY=($(compgen -W "jetstream mastodon" -- "$word"))
    return
  fi
  case "$before" in
    --clock) COMPREPLY=($(compgen -W "wall event" -- "$word")); return ;;
    --format) COMPREPLY=($(compgen -W "auto tagswell twitter-v1 twitter-v2 mastodon activitystreams jetstream cloudevents protobuf" -- "$word")); return ;;
    --fsync) COMPREPLY=($(compgen -W "always interval never" -- "$word")); return ;;
    --window) COMPREPLY=($(compgen -W "5m 1h 6h 12h 24h" -- "$word")); return ;;
    --by) COMPREPLY=($(compgen -W "authors posts" -- "$word")); return ;;
    --type) COMPREPLY=($(compgen -W "started rank milestone peaked ended retracted" -- "$word")); return ;;
    --log_level) COMPREPLY=($(compgen -W "debug info warn error off" -- "$word")); return ;;
    --log_format) COMPREPLY=($(compgen -W "text json" -- "$word")); return ;;
  esac
  case "$word" in
    -*)
      local options
      options=$("${COMP_WORDS[0]}" "$command" --help 2>/dev/null | grep -oE '^ +(-h,)?--[a-z_-]+' | grep -oE -- '--[a-z_-]+')
      COMPREPLY=($(compgen -W "$options" -- "$word"))
      ;;
    *) COMPREPLY=($(compgen -f -- "$word")) ;;
  esac
}
complete -o filenames -F _tagswell tagswell
