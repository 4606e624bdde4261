"""What each shell offers where a line is completed, in a shell of its own."""
import os
import pty
import shutil
import subprocess
import tempfile
import unittest


def run(shell, script, environment):
    done = subprocess.run([shell, *script], capture_output=True, env=environment, timeout=60)
    if done.returncode != 0:
        raise AssertionError(done.stderr.decode())
    return done.stdout.decode().splitlines()


def bash(completion, line, environment):
    words = line.split(" ")
    script = f'source {completion}; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _tagswell; printf "%s\\n" "${{COMPREPLY[@]}}"'
    return run("bash", ["-c", script, "bash", *words], environment)


def fish(completion, line, environment):
    found = run("fish", ["--no-config", "-c", f"source {completion}; complete -C $argv", line], environment)
    return [row.split("\t")[0] for row in found]


ZSH = """
fpath=({folder} $fpath); autoload -Uz compinit; compinit -u -D; PS1=
compadd() {{
  if [[ ${{@[1,(i)(-|--)]}} == *-(O|A|D)\\ * ]]; then builtin compadd "$@"; return; fi
  local -a hits; builtin compadd -A hits "$@"; (( $#hits )) && print -rl -- $hits >> {home}/found
}}
tell() {{ _main_complete; exit }}
zle -C tell complete-word tell; bindkey '^I' tell
"""


def zsh(completion, line, environment):
    """Its completion works at a terminal only: one is made, the line typed, and Tab pressed."""
    with tempfile.TemporaryDirectory() as home:
        with open(os.path.join(home, ".zshrc"), "w", encoding="utf-8") as f:
            f.write(ZSH.format(folder=os.path.dirname(completion), home=home))
        terminal, end = pty.openpty()
        process = subprocess.Popen(["zsh", "-d", "-i"], stdin=end, stdout=end, stderr=end, start_new_session=True,
                                   env={**environment, "ZDOTDIR": home, "TERM": "dumb"})
        os.close(end)
        os.write(terminal, (line + "\t").encode())
        try:
            while os.read(terminal, 4096):
                pass
        except OSError:  # the shell has gone
            pass
        os.close(terminal)
        process.wait(timeout=60)
        found = os.path.join(home, "found")
        if not os.path.exists(found):
            return []
        with open(found, encoding="utf-8") as f:
            return f.read().splitlines()


# Where the package puts what each of them reads.
SHELLS = {
    bash: "usr/share/bash-completion/completions/tagswell",
    zsh: "usr/share/zsh/vendor-completions/_tagswell",
    fish: "usr/share/fish/vendor_completions.d/tagswell.fish",
}


def installed():
    shells = [shell for shell in SHELLS if shutil.which(shell.__name__)]
    if not shells:
        raise unittest.SkipTest("neither bash, zsh nor fish is installed")
    return shells
